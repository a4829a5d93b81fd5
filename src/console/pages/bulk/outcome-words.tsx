import type { VNode } from 'preact'
import { UserText } from '../../parts/user-text.tsx'
import { count, counted } from '../../words/figures.ts'
import type { Outcome } from './change-many.ts'
import { VERBS, type Verb } from './verbs.ts'

const SHOWN = 20

interface OutcomeWordsProps {
  readonly verb: Verb
  readonly outcome: Outcome
  /** Nothing was done yet. */
  readonly isForeseen: boolean
}

/** What became of many tokens, or would: how many, and why not of the others. */
export function OutcomeWords({ verb, outcome, isForeseen }: OutcomeWordsProps): VNode {
  const { done, unchanged, failures } = outcome
  const is = isForeseen ? 'would be' : done === 1 ? 'is' : 'are'
  return (
    <div class="stack" role="status">
      <p>
        <strong>
          {counted(done, 'token')} {is} {VERBS[verb].participle}
        </strong>
        {unchanged === 0 ? '' : `; ${count(unchanged)} ${isForeseen ? 'would stay' : 'stayed'} as before`}
        {failures.length === 0 ? '.' : `; ${count(failures.length)} can’t be:`}
      </p>
      {failures.length === 0 ? null : (
        <ul class="stack">
          {failures.slice(0, SHOWN).map(({ name, why }, at) => (
            <li key={at}>
              <UserText text={name} class="clip" /> <span class="problem">{why}</span>
            </li>
          ))}
          {failures.length > SHOWN ? <li>and {count(failures.length - SHOWN)} more</li> : null}
        </ul>
      )}
    </div>
  )
}

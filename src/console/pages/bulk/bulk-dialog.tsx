import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { TextField } from '../../parts/field.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Progress } from '../../parts/progress.tsx'
import { counted } from '../../words/figures.ts'
import type { Outcome, Target } from './change-many.ts'
import { EndChoice } from './end-choice.tsx'
import { OutcomeWords } from './outcome-words.tsx'
import { useBulkRun } from './use-bulk-run.ts'
import { deletePhrase, VERBS, type Verb } from './verbs.ts'

interface BulkDialogProps {
  readonly verb: Verb
  readonly targets: readonly Target[]
  /** `isChanged`: something was done. */
  readonly onClose: (isChanged: boolean) => void
}

/** Does something with many tokens: says first what would come of it, then asks, then shows how far it is and what came of it. */
export function BulkDialog({ verb, targets, onClose }: BulkDialogProps): VNode {
  const { foreseen, outcome, seen, isBegun, isBusy, problem, look, carryOut } = useBulkRun(verb, targets)
  const { title, meaning } = VERBS[verb]
  const close = isBusy ? {} : { onClose: () => onClose(isBegun) }
  return (
    <Dialog title={`${title}: ${counted(targets.length, 'token')}`} {...close}>
      <p>{meaning}</p>
      {foreseen === undefined && verb === 'extend' ? <EndChoice isBusy={isBusy} onChoose={look} /> : null}
      {isBusy ? <Progress title="Tokens" of={targets.length} done={seen} /> : null}
      <Problem text={problem} />
      {outcome === undefined && foreseen !== undefined ? (
        <>
          <OutcomeWords verb={verb} outcome={foreseen} isForeseen />
          <Question
            verb={verb}
            foreseen={foreseen}
            isBusy={isBusy}
            onYes={carryOut}
            onNo={() => onClose(isBegun)}
          />
        </>
      ) : (
        <>
          {outcome === undefined ? null : <OutcomeWords verb={verb} outcome={outcome} isForeseen={false} />}
          <div class="row row-end">
            <Button isDisabled={isBusy} onClick={() => onClose(isBegun)}>
              {outcome === undefined ? 'Cancel' : 'Close'}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  )
}

interface QuestionProps {
  readonly verb: Verb
  readonly foreseen: Outcome
  readonly isBusy: boolean
  readonly onYes: () => void
  readonly onNo: () => void
}

function Question({ verb, foreseen, isBusy, onYes, onNo }: QuestionProps): VNode {
  const [typed, setTyped] = useState('')
  const phrase = deletePhrase(foreseen.done)
  const isReady = verb !== 'delete' || typed.trim() === phrase
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (isReady && !isBusy && foreseen.done > 0) onYes()
  }
  return (
    <form class="stack" onSubmit={submit}>
      {verb === 'delete' && foreseen.done > 0 ? (
        <TextField label={`Type ${phrase} to confirm`} value={typed} onInput={setTyped} />
      ) : null}
      <div class="row row-end">
        <Button isDisabled={isBusy} onClick={onNo}>
          Cancel
        </Button>
        {foreseen.done === 0 ? null : (
          <Button
            kind={verb === 'delete' ? 'danger' : 'primary'}
            type="submit"
            isBusy={isBusy}
            isDisabled={!isReady}
          >
            {`${VERBS[verb].button}: ${counted(foreseen.done, 'token')}`}
          </Button>
        )}
      </div>
    </form>
  )
}

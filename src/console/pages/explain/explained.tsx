import type { VNode } from 'preact'
import type { ExplanationJson } from '../../api/types.ts'
import { Badge } from '../../parts/badge.tsx'
import { Section } from '../../parts/section.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { withQuery } from '../../router/location.ts'
import { refusingField, stepTitle } from '../../words/explanation.ts'
import { tokenEditPath, tokenPagePath } from '../paths.ts'

interface ExplainedProps {
  /** `GET /abc…/acme/files/a.txt` */
  readonly request: string
  readonly explanation: ExplanationJson
}

/** What the client would be given, by which token, and each step on the way there. */
export function Explained({ request, explanation }: ExplainedProps): VNode {
  const { allowed, answer, steps } = explanation
  return (
    <>
      <div class={`state state-${allowed ? 'good' : 'bad'}`} role="status">
        <Badge tone={allowed ? 'good' : 'bad'} title={allowed ? 'Allowed' : 'Refused'} />
        <p>
          The client gets {answer.status}
          {answer.title === undefined ? '' : ` ${answer.title}`}. {allowed ? '' : (answer.detail ?? '')}
        </p>
      </div>
      <Section title="Step by step">
        <code class="breakable">
          <UserText text={request} />
        </code>
        <Token explanation={explanation} />
        <ol class="steps">
          {steps.map(({ step, ok, result }) => (
            <li key={step} class={ok ? 'step-ok' : 'step-no'}>
              <span class="step-sign" aria-hidden="true">
                {ok ? '✓' : '✗'}
              </span>
              <h3>
                {stepTitle(step)}
                <span class="off-screen">{ok ? ': passed' : ': refused'}</span>
              </h3>
              <UserText text={result} />
            </li>
          ))}
        </ol>
      </Section>
    </>
  )
}

/** The way to the token, and to what has to be changed there. */
function Token({
  explanation: { token, answer, allowed },
}: Pick<ExplainedProps, 'explanation'>): VNode | null {
  if (token === null) return null
  const refusing = allowed ? undefined : refusingField(answer.code)
  return (
    <p>
      Token:{' '}
      <Link to={tokenPagePath(token)}>
        <UserText text={token.name} />
      </Link>
      {refusing === undefined ? null : (
        <>
          . <Link to={whereToChange(token, refusing.field)}>Change {refusing.title}</Link>
        </>
      )}
    </p>
  )
}

/** It is switched on where it can be switched off; all else is in the form. */
function whereToChange(token: NonNullable<ExplanationJson['token']>, field: string): string {
  if (field === 'is_active') return tokenPagePath(token)
  return withQuery(tokenEditPath(token), { field })
}

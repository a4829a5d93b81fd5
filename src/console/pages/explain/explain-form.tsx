import type { VNode } from 'preact'
import { Button } from '../../parts/button.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import type { Form } from '../../parts/use-form.ts'

/** A request as it is typed. */
export interface ExplainDraft {
  readonly address: string
  readonly secret: string
  readonly method: string
  /** Address of a client; empty: this machine's. */
  readonly client: string
  /** A minute or second of UTC, `2030-12-31T23:59`; empty: now. */
  readonly at: string
}

interface ExplainFormProps {
  readonly draft: ExplainDraft
  readonly onChange: (draft: ExplainDraft) => void
  readonly onSubmit: () => void
  readonly isBusy: boolean
  /** What is wrong with a field of the API's. */
  readonly problemOf: Form['problemOf']
}

/** The request that a customer made, or would make. */
export function ExplainForm({ draft, onChange, onSubmit, isBusy, problemOf }: ExplainFormProps): VNode {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    onSubmit()
  }
  const bind = (field: keyof ExplainDraft) => ({
    value: draft[field],
    onInput: (value: string) => onChange({ ...draft, [field]: value }),
  })
  return (
    <form class="card" onSubmit={submit} noValidate>
      <TextField
        label="URL or path"
        placeholder="https://packages.example.com/SECRET/acme/files/tool-1.0.tar.gz"
        hint="As the customer’s tool asked for it. A secret in it is taken out and put into the next field."
        problem={problemOf('target')}
        {...bind('address')}
      />
      <div class="explain-fields">
        <TextField
          label="Secret"
          type="password"
          autocomplete="off"
          hint="Or the password that is sent to /basic/."
          problem={problemOf('authorization')}
          {...bind('secret')}
        />
        <Choice
          label="Method"
          value={draft.method}
          options={[
            ['GET', 'GET'],
            ['HEAD', 'HEAD'],
          ]}
          onChange={(method) => onChange({ ...draft, method })}
        />
        <TextField
          label="Client’s address"
          placeholder="127.0.0.1"
          problem={problemOf('client')}
          {...bind('client')}
        />
        <TextField
          label="Time (UTC)"
          type="datetime-local"
          hint="Empty: now."
          problem={problemOf('at')}
          {...bind('at')}
        />
      </div>
      <div class="row">
        <Button type="submit" kind="primary" isBusy={isBusy} isDisabled={draft.address.trim() === ''}>
          Explain
        </Button>
      </div>
    </form>
  )
}

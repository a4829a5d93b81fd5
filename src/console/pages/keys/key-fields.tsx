import type { ComponentChildren, VNode } from 'preact'
import { TextField } from '../../parts/field.tsx'
import { TextArea } from '../../parts/text-area.tsx'
import type { Form } from '../../parts/use-form.ts'
import type { KeyDraft } from './key-draft.ts'

interface KeyFieldsProps {
  readonly draft: KeyDraft
  readonly form: Form
  readonly onChange: (draft: KeyDraft) => void
  /** What stands behind the name. */
  readonly children?: ComponentChildren
}

/** What can be said of a key, whether it is new or not. */
export function KeyFields({ draft, form, onChange, children }: KeyFieldsProps): VNode {
  return (
    <>
      <TextField
        label="Name"
        value={draft.name ?? ''}
        onInput={(name) => onChange({ ...draft, name })}
        problem={form.problemOf('name')}
        hint="Whom or what it is for: the audit log names it."
        autoFocus
      />
      {children}
      <TextArea
        label="Repositories that it covers"
        rows={3}
        value={draft.repositories ?? ''}
        placeholder={'acme/*'}
        onInput={(repositories) => onChange({ ...draft, repositories })}
        problem={form.problemOf('repositories')}
        hint="One owner/repo a line, with * and ?. Everything: */*. Empty: none."
      />
      <TextField
        label="Ends (UTC)"
        type="datetime-local"
        value={draft.expires_at ?? ''}
        onInput={(end) => onChange({ ...draft, expires_at: end })}
        problem={form.problemOf('expires_at')}
        hint="Empty: it works until it is revoked."
      />
    </>
  )
}

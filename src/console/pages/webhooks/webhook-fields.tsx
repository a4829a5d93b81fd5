import type { VNode } from 'preact'
import { Check } from '../../parts/check.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { TextArea } from '../../parts/text-area.tsx'
import type { Form } from '../../parts/use-form.ts'
import { entriesOf } from '../../words/entries.ts'
import { EventChoice } from './event-choice.tsx'
import type { WebhookDraft } from './webhook-draft.ts'

interface WebhookFieldsProps {
  readonly owner: string
  readonly draft: WebhookDraft
  readonly form: Form
  readonly onChange: (draft: WebhookDraft) => void
}

/** What can be said of a webhook, whether it is new or not. */
export function WebhookFields({ owner, draft, form, onChange }: WebhookFieldsProps): VNode {
  const set = (change: Partial<WebhookDraft>): void => onChange({ ...draft, ...change })
  return (
    <>
      <TextField
        label="Target"
        value={draft.target_url ?? ''}
        placeholder="https://example.com/hook"
        onInput={(url) => set({ target_url: url })}
        problem={form.problemOf('target_url')}
        hint="Messages are sent there by POST."
        autoFocus
      />
      <EventChoice
        events={entriesOf(draft.events ?? '')}
        onChange={(events) => set({ events: events.join('\n') })}
        problem={form.problemOf('events')}
      />
      <Choice
        label="Repositories"
        value={draft.repositories === null ? 'all' : 'listed'}
        options={[
          ['all', `All of ${owner}`],
          ['listed', 'Only these'],
        ]}
        onChange={(chosen) => set({ repositories: chosen === 'all' ? null : '' })}
      />
      {draft.repositories === null ? null : (
        <TextArea
          label="Repositories, one a line"
          value={draft.repositories}
          rows={2}
          placeholder={`${owner}/*`}
          onInput={(repositories) => set({ repositories })}
          problem={form.problemOf('repositories')}
        />
      )}
      <Check
        label="Switched on"
        isChecked={draft.is_active === 'yes'}
        onChange={(isActive) => set({ is_active: isActive ? 'yes' : 'no' })}
        hint="Switched off, nothing is sent."
      />
    </>
  )
}

import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { WebhookJson } from '../../api/types.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Check } from '../../parts/check.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Problem } from '../../parts/problem.tsx'
import { TextArea } from '../../parts/text-area.tsx'
import { useForm } from '../../parts/use-form.ts'
import { useSession } from '../../session/context.ts'
import { entriesOf } from '../../words/entries.ts'
import { EVENT_CHOICES } from './event-words.ts'

interface WebhookDialogProps {
  readonly owner: string
  /** undefined: a new one is made. */
  readonly webhook?: WebhookJson
  /** With its secret, if it is new. */
  readonly onDone: (webhook: WebhookJson) => void
  readonly onClose: () => void
}

/** Makes a webhook, or changes one. */
export function WebhookDialog({ owner, webhook, onDone, onClose }: WebhookDialogProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const form = useForm()
  const [url, setUrl] = useState(webhook?.target_url ?? '')
  const [events, setEvents] = useState<readonly string[]>(webhook?.events ?? ['*'])
  const [globs, setGlobs] = useState(webhook?.repositories?.join('\n') ?? null)
  const [isActive, setActive] = useState(webhook?.is_active ?? true)
  const send = async (): Promise<void> => {
    const repositories = globs === null ? null : entriesOf(globs)
    const body = { target_url: url.trim(), events, repositories, is_active: isActive }
    const path = ['webhooks', owner]
    const reply = await (webhook === undefined
      ? api({ method: 'POST', path, body })
      : api({ method: 'PATCH', path: [...path, webhook.slug_perm], body }))
    announce(webhook === undefined ? 'The webhook is made.' : 'The webhook is saved.')
    onDone(reply.body as WebhookJson)
  }
  return (
    <FormDialog
      title={webhook === undefined ? 'New webhook' : 'Edit the webhook'}
      verb={webhook === undefined ? 'Make the webhook' : 'Save'}
      form={form}
      onSubmit={() => void form.run(send)}
      onClose={onClose}
    >
      <TextField
        label="Target"
        value={url}
        placeholder="https://example.com/hook"
        onInput={setUrl}
        problem={form.problemOf('target_url')}
        hint="Messages are sent there by POST."
        autoFocus
      />
      <EventChoice events={events} onChange={setEvents} problem={form.problemOf('events')} />
      <Choice
        label="Repositories"
        value={globs === null ? 'all' : 'listed'}
        options={[
          ['all', `All of ${owner}`],
          ['listed', 'Only these'],
        ]}
        onChange={(chosen) => setGlobs(chosen === 'all' ? null : '')}
      />
      {globs === null ? null : (
        <TextArea
          label="Repositories, one a line"
          value={globs}
          rows={2}
          placeholder={`${owner}/*`}
          onInput={setGlobs}
          problem={form.problemOf('repositories')}
        />
      )}
      <Check
        label="Switched on"
        isChecked={isActive}
        onChange={setActive}
        hint="Switched off, nothing is sent."
      />
    </FormDialog>
  )
}

interface EventChoiceProps {
  readonly events: readonly string[]
  readonly problem: string | undefined
  readonly onChange: (events: readonly string[]) => void
}

function EventChoice({ events, problem, onChange }: EventChoiceProps): VNode {
  const isAll = events.includes('*')
  const toggle = (event: string, isWanted: boolean): void =>
    onChange(isWanted ? [...events, event] : events.filter((each) => each !== event))
  return (
    <>
      <Choice
        label="Events"
        value={isAll ? 'all' : 'chosen'}
        options={[
          ['all', 'Everything'],
          ['chosen', 'Only these'],
        ]}
        onChange={(chosen) => onChange(chosen === 'all' ? ['*'] : [])}
      />
      {isAll ? null : (
        <div class="event-choices" role="group" aria-label="Events that are sent">
          {EVENT_CHOICES.map(([event, meaning]) => (
            <Check
              key={event}
              label={event}
              hint={meaning}
              isChecked={events.includes(event)}
              onChange={(isWanted) => toggle(event, isWanted)}
            />
          ))}
        </div>
      )}
      <Problem text={problem} />
    </>
  )
}

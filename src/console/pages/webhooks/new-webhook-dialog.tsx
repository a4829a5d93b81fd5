import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { WebhookJson } from '../../api/types.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { useForm } from '../../parts/use-form.ts'
import { useSession } from '../../session/context.ts'
import { NEW_WEBHOOK, webhookBodyOf } from './webhook-draft.ts'
import { WebhookFields } from './webhook-fields.tsx'

interface NewWebhookDialogProps {
  readonly owner: string
  /** With its secret. */
  readonly onDone: (webhook: WebhookJson) => void
  readonly onClose: () => void
}

/** Makes a webhook. */
export function NewWebhookDialog({ owner, onDone, onClose }: NewWebhookDialogProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const form = useForm()
  const [draft, setDraft] = useState(NEW_WEBHOOK)
  const send = async (): Promise<void> => {
    const { body } = await api({ method: 'POST', path: ['webhooks', owner], body: webhookBodyOf(draft) })
    announce('The webhook is made.')
    onDone(body as WebhookJson)
  }
  return (
    <FormDialog
      title="New webhook"
      verb="Make the webhook"
      form={form}
      onSubmit={() => void form.run(send)}
      onClose={onClose}
    >
      <WebhookFields owner={owner} draft={draft} form={form} onChange={setDraft} />
    </FormDialog>
  )
}

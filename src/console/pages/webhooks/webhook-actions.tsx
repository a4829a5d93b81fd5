import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { WebhookJson } from '../../api/types.ts'
import { unlessChanged } from '../../api/unless-changed.ts'
import type { Version } from '../../api/version.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { EditDialog } from '../../parts/edit-dialog.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useAction } from '../../parts/use-action.ts'
import { navigate, withQuery } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { SecretDialog } from './secret-dialog.tsx'
import { WEBHOOK_FIELDS, webhookBodyOf, webhookDraftOf } from './webhook-draft.ts'
import { WebhookFields } from './webhook-fields.tsx'

interface WebhookActionsProps {
  readonly owner: string
  readonly version: Version<WebhookJson>
  readonly onChanged: () => void
  /** Something new is on its way. */
  readonly onSent: () => void
}

type Asking = 'edit' | 'rotate' | 'delete'

/** What can be done with a webhook. */
export function WebhookActions(props: WebhookActionsProps): VNode {
  const { owner, version, onSent } = props
  const { api } = useSession()
  const announce = useAnnounce()
  const { run, isBusy, problem } = useAction()
  const [asking, setAsking] = useState<Asking>()
  const ping = async (): Promise<void> => {
    await api({ method: 'POST', path: [...pathOf(owner, version.item), 'ping'] })
    announce('A trial is on its way.')
    onSent()
  }
  return (
    <div class="actions">
      <Button kind="primary" isBusy={isBusy} onClick={() => void run(ping)}>
        Send a trial
      </Button>
      <Button onClick={() => setAsking('edit')}>Edit</Button>
      <Button onClick={() => setAsking('rotate')}>New secret</Button>
      <Button onClick={() => setAsking('delete')}>Delete</Button>
      <Problem text={problem} />
      {asking === undefined ? null : (
        <Question {...props} asking={asking} onClose={() => setAsking(undefined)} />
      )}
    </div>
  )
}

function pathOf(owner: string, { slug_perm: id }: WebhookJson): readonly string[] {
  return ['webhooks', owner, id]
}

interface QuestionProps extends Omit<WebhookActionsProps, 'onSent'> {
  readonly onClose: () => void
}

function Question({ asking, ...props }: QuestionProps & { readonly asking: Asking }): VNode {
  switch (asking) {
    case 'edit':
      return (
        <EditDialog
          what="webhook"
          opened={props.version}
          path={pathOf(props.owner, props.version.item)}
          fields={WEBHOOK_FIELDS}
          draftOf={webhookDraftOf}
          bodyOf={webhookBodyOf}
          onDone={() => {
            props.onClose()
            props.onChanged()
          }}
          onClose={props.onClose}
        >
          {(draft, form, onChange) => (
            <WebhookFields owner={props.owner} draft={draft} form={form} onChange={onChange} />
          )}
        </EditDialog>
      )
    case 'rotate':
      return <NewSecret {...props} />
    case 'delete':
      return <DeleteWebhook {...props} />
  }
}

function NewSecret({ owner, version, onChanged, onClose }: QuestionProps): VNode {
  const { api } = useSession()
  const [secret, setSecret] = useState<string>()
  const rotate = async (): Promise<void> => {
    const body = { rotate_secret: true }
    const { item, tag } = version
    const change = api({ method: 'PATCH', path: pathOf(owner, item), body, ifMatch: tag })
    const reply = await unlessChanged(onChanged, change)
    setSecret((reply.body as WebhookJson).secret)
    onChanged()
  }
  if (secret === undefined)
    return (
      <Confirm
        title="Make a new secret?"
        verb="Make a new secret"
        act={rotate}
        // Once it is there it has to be shown.
        onClose={() => undefined}
        onCancel={onClose}
      >
        <p>Messages are signed with it from now on; the receiver has to know it.</p>
      </Confirm>
    )
  return <SecretDialog secret={secret} onClose={onClose} />
}

function DeleteWebhook({ owner, version, onChanged, onClose }: QuestionProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const remove = async (): Promise<void> => {
    const { item, tag } = version
    await unlessChanged(onChanged, api({ method: 'DELETE', path: pathOf(owner, item), ifMatch: tag }))
    announce('The webhook is deleted.')
    navigate(withQuery('/webhooks', { owner }))
  }
  return (
    <Confirm title="Delete this webhook?" verb="Delete for good" isDangerous act={remove} onClose={onClose}>
      <p>What is waiting is not sent any more, and what was sent is forgotten here.</p>
    </Confirm>
  )
}

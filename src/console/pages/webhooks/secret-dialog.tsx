import type { VNode } from 'preact'
import { OnceDialog } from '../../parts/once-dialog.tsx'

interface SecretDialogProps {
  readonly secret: string
  readonly onClose: () => void
}

/** Shows the new secret of a webhook, and what it is for. */
export function SecretDialog({ secret, onClose }: SecretDialogProps): VNode {
  return (
    <OnceDialog
      title="The secret of the webhook"
      what="the secret of the webhook"
      secret={secret}
      onClose={onClose}
    >
      <p>The receiver checks with it that a message is from here.</p>
    </OnceDialog>
  )
}

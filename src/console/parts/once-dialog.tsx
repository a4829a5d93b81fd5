import type { ComponentChildren, VNode } from 'preact'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { ShownSecret } from './shown-secret.tsx'

interface OnceDialogProps {
  readonly title: string
  readonly what: string
  readonly secret: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** Shows a secret that is never shown again: it has to be answered, so that no stray key closes it. */
export function OnceDialog({ title, what, secret, onClose, children }: OnceDialogProps): VNode {
  return (
    <Dialog title={title}>
      {children}
      <ShownSecret what={what} secret={secret} />
      <p>It is shown this once, and can’t be read again.</p>
      <div class="row row-end">
        <Button kind="primary" onClick={onClose}>
          I have kept it
        </Button>
      </div>
    </Dialog>
  )
}

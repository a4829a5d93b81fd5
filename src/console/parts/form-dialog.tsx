import type { ComponentChildren, VNode } from 'preact'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Problem } from './problem.tsx'
import type { Action } from './use-action.ts'

interface FormDialogProps {
  readonly title: string
  /** What the button says. */
  readonly verb: string
  readonly form: Action
  /** Something else has to be answered first. */
  readonly isHeld?: boolean
  readonly onSubmit: () => void
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** A small form above the page. */
export function FormDialog(props: FormDialogProps): VNode {
  const { title, verb, form, isHeld = false, onSubmit, onClose, children } = props
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    onSubmit()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={submit} noValidate>
        {children}
        <Problem text={form.problem} />
        <div class="row row-end">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" isBusy={form.isBusy} isDisabled={isHeld}>
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

import type { ComponentChildren, VNode } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { TextField } from './field.tsx'
import { Problem } from './problem.tsx'
import { useAction } from './use-action.ts'

interface ConfirmProps {
  readonly title: string
  /** What the button says. */
  readonly verb: string
  readonly isDangerous?: boolean
  /** Has to be typed before. */
  readonly typed?: string
  readonly act: () => Promise<void>
  /** Called when it is done, and when it is not to be done. */
  readonly onClose: () => void
  /** Called in place of that when it is not to be done. */
  readonly onCancel?: () => void
  readonly children: ComponentChildren
}

/** Asks before something is done. What fails is said, and can be tried again. */
export function Confirm(props: ConfirmProps): VNode {
  const { title, verb, isDangerous = false, typed, act, onClose, onCancel = onClose, children } = props
  const { run, isBusy, problem } = useAction()
  const [text, setText] = useState('')
  const isReady = typed === undefined || text.trim() === typed
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (isReady && (await run(act))) onClose()
  }
  return (
    <Dialog title={title} onClose={onCancel}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        {children}
        {typed === undefined ? null : (
          <TextField label={`Type ${typed} to confirm`} value={text} onInput={setText} />
        )}
        <Problem text={problem} />
        <div class="row row-end">
          <Button onClick={onCancel}>Cancel</Button>
          <Button
            kind={isDangerous ? 'danger' : 'primary'}
            type="submit"
            isBusy={isBusy}
            isDisabled={!isReady}
          >
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

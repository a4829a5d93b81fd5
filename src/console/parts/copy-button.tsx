import type { VNode } from 'preact'
import { useAnnounce } from './announcer.tsx'
import { Button } from './button.tsx'
import { copyText } from './copy.ts'
import { Problem } from './problem.tsx'
import { useAction } from './use-action.ts'

interface CopyButtonProps {
  /** What is copied, for whoever hears it. */
  readonly what: string
  readonly read: () => string | Promise<string>
}

/** Copies something that may have to be fetched first. */
export function CopyButton({ what, read }: CopyButtonProps): VNode {
  const announce = useAnnounce()
  const { run, isBusy, problem } = useAction()
  const copy = async (): Promise<void> => {
    await copyText(await read())
    announce(`Copied: ${what}.`)
  }
  return (
    <>
      <Button kind="quiet" isBusy={isBusy} label={`Copy ${what}`} onClick={() => void run(copy)}>
        Copy
      </Button>
      <Problem text={problem} />
    </>
  )
}

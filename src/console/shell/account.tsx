import type { VNode } from 'preact'
import { Button } from '../parts/button.tsx'
import { Problem } from '../parts/problem.tsx'
import { UserText } from '../parts/user-text.tsx'
import { useAction } from '../parts/use-action.ts'
import { useSession } from '../session/context.ts'

/** Who is signed in, what their programs can do, and the way out. */
export function Account(): VNode {
  const { self, signOut } = useSession()
  const { run, isBusy, problem } = useAction()
  return (
    <div class="account">
      <p class="account-who">
        <UserText text={self.name} class="clip" />
        <span class="muted">{self.role}</span>
      </p>
      {/* In a window of its own: nothing that is being typed here is lost. */}
      <a class="button button-quiet" href="/docs" target="_blank" rel="noreferrer">
        API
      </a>
      <Button kind="quiet" isBusy={isBusy} onClick={() => void run(signOut)}>
        Sign out
      </Button>
      <Problem text={problem} />
    </div>
  )
}

import type { VNode } from 'preact'
import { Dialog } from '../parts/dialog.tsx'
import { SignInForm } from './sign-in-form.tsx'

/** Lies over a page whose session has ended; the page stays as it is. */
export function SignInDialog({ onDone }: { readonly onDone: () => void }): VNode {
  return (
    <Dialog title="Sign in again">
      <p>Your session has ended. What you typed is still there.</p>
      <SignInForm onDone={onDone} />
    </Dialog>
  )
}

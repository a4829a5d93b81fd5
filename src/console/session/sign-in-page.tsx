import type { VNode } from 'preact'
import { useTitle } from '../shell/use-title.ts'
import { Logo } from '../shell/logo.tsx'
import { SignInForm } from './sign-in-form.tsx'

/** What somebody sees who is not signed in. */
export function SignInPage({ onDone }: { readonly onDone: () => void }): VNode {
  useTitle('Sign in')
  return (
    <main class="sign-in">
      <div class="card sign-in-card">
        <Logo />
        <h1>Sign in</h1>
        <SignInForm onDone={onDone} />
      </div>
    </main>
  )
}

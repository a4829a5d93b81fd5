import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { openSession } from '../api/client.ts'
import { ApiError, messageOf } from '../api/errors.ts'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'

/** Asks for a key, opens a session with it, and calls `onDone`. The key is kept nowhere. */
export function SignInForm({ onDone }: { readonly onDone: () => void }): VNode {
  const [key, setKey] = useState('')
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const typed = key.trim()
    if (typed === '') return setProblem('Paste your key.')
    // Nor could a header hold anything else.
    if (!/^[!-~]+$/.test(typed)) return setProblem('A key has no spaces and no such characters.')
    setBusy(true)
    setProblem(undefined)
    try {
      await openSession(typed)
      onDone()
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form class="stack" onSubmit={(event) => void submit(event)} noValidate>
      <input
        class="hidden-user"
        type="text"
        autocomplete="username"
        value="postern"
        tabIndex={-1}
        aria-hidden="true"
        readOnly
      />
      <TextField
        label="Key of the management API"
        type="password"
        autocomplete="current-password"
        value={key}
        onInput={setKey}
        problem={problem}
        hint="The command “postern keys create” makes one."
        autoFocus
      />
      <Button kind="primary" type="submit" isBusy={isBusy}>
        Sign in
      </Button>
    </form>
  )
}

function problemOf(error: unknown): string {
  if (error instanceof ApiError && error.code === 'signed_out')
    return 'This key does not work: it is mistyped, revoked or expired.'
  return messageOf(error)
}

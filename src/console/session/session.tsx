import type { ComponentChildren, VNode } from 'preact'
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import { createApi, send, type Api } from '../api/client.ts'
import { ApiError } from '../api/errors.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { SessionContext } from './context.ts'
import { loadSession, type Known } from './load-session.ts'
import { SignInDialog } from './sign-in-dialog.tsx'
import { SignInPage } from './sign-in-page.tsx'

type State =
  | { readonly is: 'loading' | 'signed_out' }
  | { readonly is: 'failed'; readonly error: unknown }
  | { readonly is: 'known'; readonly known: Known }

/** Finds out who is signed in, asks who is not, and asks again, above the page, when a session ends. */
export function SessionProvider({ children }: { readonly children: ComponentChildren }): VNode {
  const [state, setState] = useState<State>({ is: 'loading' })
  const { waiting, signInAgain, settle } = useSignInAgain()
  const api = useMemo(() => createApi(signInAgain), [])
  const load = useCallback(async (): Promise<void> => setState(await stateNow()), [])
  useEffect(() => void load(), [])
  // Whatever is open stays, also when this can't be told: then the next request says why.
  const again = async (): Promise<void> => {
    const next = await stateNow()
    if (next.is === 'known') setState(next)
    settle()
  }
  switch (state.is) {
    case 'loading':
      return <Loading what="the console" />
    case 'failed':
      return <Failure error={state.error} onRetry={() => void load()} />
    case 'signed_out':
      return <SignInPage onDone={() => void load()} />
    case 'known':
      return (
        <SessionContext.Provider value={{ ...state.known, api, signOut: () => signOut(setState) }}>
          {children}
          {waiting ? <SignInDialog onDone={() => void again()} /> : null}
        </SessionContext.Provider>
      )
  }
}

async function stateNow(): Promise<State> {
  const asking: Api = (request) => send(request)
  try {
    return { is: 'known', known: await loadSession(asking) }
  } catch (error) {
    if (error instanceof ApiError && error.code === 'signed_out') return { is: 'signed_out' }
    return { is: 'failed', error }
  }
}

async function signOut(setState: (state: State) => void): Promise<void> {
  await send({ method: 'DELETE', path: ['console', 'session'] }).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== 'signed_out') throw error
  })
  setState({ is: 'signed_out' })
}

/** However many requests find the session ended, they wait for one sign-in. */
function useSignInAgain() {
  const [waiting, setWaiting] = useState<PromiseWithResolvers<void>>()
  const [holder] = useState<{ current: PromiseWithResolvers<void> | undefined }>(() => ({
    current: undefined,
  }))
  const signInAgain = useCallback((): Promise<void> => {
    holder.current ??= Promise.withResolvers<void>()
    setWaiting(holder.current)
    return holder.current.promise
  }, [])
  const settle = useCallback((): void => {
    holder.current?.resolve()
    holder.current = undefined
    setWaiting(undefined)
  }, [])
  return { waiting: waiting !== undefined, signInAgain, settle }
}

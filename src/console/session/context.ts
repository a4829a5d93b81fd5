import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Api } from '../api/client.ts'
import type { RepositoryJson, Self } from '../api/types.ts'
import type { Rights } from './rights.ts'

/** What each page has at hand. */
export interface Session {
  readonly api: Api
  readonly self: Self
  readonly rights: Rights
  /** All that the key covers, by name. */
  readonly repositories: readonly RepositoryJson[]
  readonly signOut: () => Promise<void>
}

export const SessionContext: ReturnType<typeof createContext<Session | undefined>> = createContext<
  Session | undefined
>(undefined)

/** @throws outside of a page. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === undefined) throw new Error('Nobody is signed in here')
  return session
}

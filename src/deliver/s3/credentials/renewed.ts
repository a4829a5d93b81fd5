import type { CredentialProvider, Credentials, FetchCredentials } from './contract.ts'

/** So long before they expire new ones are fetched: links that were signed a moment before have to outlive their own lifetime. */
const RENEWED_BEFORE_MS = 5 * 60_000
/** After a fetch nobody tries again for so long, while there are some; and after a failure for this, when there are none. */
const PAUSE_MS = 10_000
const SHORT_PAUSE_MS = 1_000

export interface RenewedOptions {
  readonly fetch: FetchCredentials
  /** Epoch ms. */
  readonly clock: () => number
  /** Told why they could not be renewed while the old ones go on. */
  readonly onFailure: (error: Error) => void
}

/**
 * Keeps credentials that expire: fetched when they are first needed, then renewed while they are still valid, beside the requests that go on
 * with them. One fetch at a time. When it fails, they are used as long as they are valid, and only then requests fail. New ones that are about to
 * expire are used none the less, and new ones that have expired for a while: services say so when they are in trouble, and a clock may be off.
 */
export function createRenewed({ fetch, clock, onFailure }: RenewedOptions): CredentialProvider {
  let held: Credentials | undefined
  let fetching: Promise<Credentials> | undefined
  let fetchedAt = -Infinity
  let failure: { readonly error: Error; readonly at: number } | undefined

  const pausedFor = (ms: number): boolean => failure !== undefined && clock() - failure.at < ms
  const fetchOnce = (): Promise<Credentials> => {
    fetching ??= fetch()
      .then(
        (fetched) => {
          held = fetched
          fetchedAt = clock()
          failure = undefined
          return fetched
        },
        (reason: unknown) => {
          const error = reason instanceof Error ? reason : new Error(String(reason))
          failure = { error, at: clock() }
          throw error
        },
      )
      .finally(() => (fetching = undefined))
    return fetching
  }
  return {
    current: () => {
      const left = held === undefined ? 0 : (held.expiresAt ?? Infinity) - clock()
      if (held !== undefined && left > RENEWED_BEFORE_MS) return held
      // What the source has: asked again at once, it would say the same.
      const isNew = clock() - fetchedAt < PAUSE_MS
      if (held !== undefined && (left > 0 || isNew)) {
        if (fetching === undefined && !isNew && !pausedFor(PAUSE_MS)) fetchOnce().catch(onFailure)
        return held
      }
      if (fetching === undefined && failure !== undefined && pausedFor(SHORT_PAUSE_MS)) {
        return Promise.reject(failure.error)
      }
      return fetchOnce()
    },
    renew: (refused) => {
      // A storage whose clock is off says so of every one of them.
      const isNew = clock() - fetchedAt < PAUSE_MS
      if (held === refused && !isNew) held = undefined
    },
  }
}

/** Keys that somebody made by hand. */
export function createFixed(credentials: Credentials): CredentialProvider {
  return { current: () => credentials, renew: () => undefined }
}

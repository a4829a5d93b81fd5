/**
 * Whether the store answers, as far as this process knows. `down`: it does not take writes; it is asked again and again until it does.
 * `returning`: it takes them again, and is told first what it missed.
 */
export type StoreState = 'up' | 'down' | 'returning'

export interface StoreHealth {
  readonly state: () => StoreState
  /** A call failed: the store is asked once whether it is the store. */
  readonly suspect: () => void
  /** Stops asking. */
  readonly close: () => void
}

export interface StoreHealthOptions {
  /** Resolves when the store takes writes; rejects within its deadline otherwise. */
  readonly ping: () => Promise<void>
  readonly pause: (ms: number) => Promise<void>
  /** Between two attempts while it is down. */
  readonly probeMs: number
  /** Tells the store what it missed. A rejection means that it is down again. */
  readonly recover: () => Promise<void>
  readonly onDown: (error: unknown) => void
  readonly onUp: () => void
}

export function createStoreHealth(options: StoreHealthOptions): StoreHealth {
  const { ping, pause, probeMs, recover, onDown, onUp } = options
  let state: StoreState = 'up'
  let isWatching = false
  const closing = new AbortController()
  const { signal } = closing

  const attempt = async (): Promise<void> => {
    await ping()
    if (signal.aborted) return
    state = 'returning'
    await recover()
    state = 'up'
  }
  const comeBack = async (): Promise<void> => {
    while (!signal.aborted) {
      await pause(probeMs)
      try {
        await attempt()
        return signal.aborted ? undefined : onUp()
      } catch {
        state = 'down'
      }
    }
  }
  const watch = async (): Promise<void> => {
    try {
      await ping()
    } catch (error) {
      state = 'down'
      onDown(error)
      await comeBack()
    }
  }
  return {
    state: () => state,
    suspect: () => {
      if (isWatching || signal.aborted) return
      isWatching = true
      void watch().finally(() => {
        isWatching = false
      })
    },
    close: () => closing.abort(),
  }
}

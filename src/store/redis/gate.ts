import { asStoreError, unavailable } from './errors.ts'

export interface Gate {
  /** The same methods, which reject with nothing but `StoreError`s, and with these once the gate is closed. */
  readonly guarded: <Part extends object>(part: Part) => Part
  /** Resolves when what was asked before has been answered. */
  readonly close: () => Promise<void>
}

/** Lets calls through until it is closed, and only `StoreError`s out of them. */
export function createGate(complaint: () => string | undefined): Gate {
  const underway = new Set<Promise<unknown>>()
  let isClosed = false
  const guard =
    <Arguments extends unknown[], Result>(method: (...values: Arguments) => Promise<Result>) =>
    (...values: Arguments): Promise<Result> => {
      if (isClosed) return Promise.reject(unavailable('the store is closed'))
      const call = method(...values)
      underway.add(call)
      return call.then(
        (result) => {
          underway.delete(call)
          return result
        },
        (error: unknown) => {
          underway.delete(call)
          throw asStoreError(error, complaint())
        },
      )
    }
  return {
    guarded: <Part extends object>(part: Part): Part =>
      Object.fromEntries(Object.entries(part).map(([name, method]) => [name, guard(method)])) as Part,
    close: async (): Promise<void> => {
      isClosed = true
      await Promise.allSettled(underway)
    },
  }
}

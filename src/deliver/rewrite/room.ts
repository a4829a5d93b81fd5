import type { DeliveryOrder } from '../contract.ts'

/** Bounds the bytes of documents that are worked on at the same time. */
export interface Room {
  /**
   * Waits, in the order of calls, until there is room for `bytes` (never more than all there is). Gives what lets go of it, to be called
   * once; undefined when the client is gone before.
   */
  readonly take: (bytes: number, onGone: DeliveryOrder['onGone']) => Promise<(() => void) | undefined>
}

interface Waiting {
  readonly bytes: number
  readonly enter: () => void
}

export function createRoom(totalBytes: number): Room {
  let free = totalBytes
  const queue = new Set<Waiting>()
  const admit = (): void => {
    for (const waiting of queue) {
      if (waiting.bytes > free) return
      queue.delete(waiting)
      free -= waiting.bytes
      waiting.enter()
    }
  }
  const leave = (bytes: number): void => {
    free += bytes
    admit()
  }
  return {
    take: (asked, onGone) => {
      const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>()
      const bytes = Math.min(asked, totalBytes)
      const waiting = { bytes, enter: () => resolve(() => leave(bytes)) }
      queue.add(waiting)
      onGone(() => {
        if (!queue.delete(waiting)) return
        resolve(undefined)
        admit()
      })
      admit()
      return promise
    },
  }
}

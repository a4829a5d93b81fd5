import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { LoadOrder, Measurement } from './order.ts'

/** Makes load in a thread of its own. */
export interface LoadGenerator extends AsyncDisposable {
  /** One at a time. Rejects when an answer was not as expected. */
  readonly measure: (order: LoadOrder) => Promise<Measurement>
}

export function startLoadGenerator(): LoadGenerator {
  const worker = new Worker(new URL('./worker.ts', import.meta.url))
  return {
    measure: async (order) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(order)
      const [reply] = (await once(worker, 'message')) as [{ measurement?: Measurement; error?: string }]
      if (reply.measurement === undefined) throw new Error(reply.error)
      return reply.measurement
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import { StoreError } from '../../src/store/contract.ts'

const MOST_ATTEMPTS = 40
const PAUSE_MS = 250

/** Does something to a store, on a machine that may be busy. What was not answered in time may have been done: a token is there already. */
export async function surely(create: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create()
    } catch (error) {
      const code = error instanceof StoreError ? error.code : undefined
      if (code === 'conflict' && attempt > 1) return
      if (code !== 'unavailable' || attempt === MOST_ATTEMPTS) throw error
      await pause(PAUSE_MS)
    }
  }
}

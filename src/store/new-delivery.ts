import type { EventDelivery, EventRecord } from './contract/events.ts'

/** One that nobody has tried yet, and that is due at once. */
export function newDelivery(id: string, webhook: string, event: EventRecord, now: number): EventDelivery {
  const untried = { attempts: 0, attemptsBefore: 0, lastAttemptAt: null, lastStatus: null, lastError: null }
  return { id, webhook, event, state: 'waiting', createdAt: now, dueAt: now, ...untried }
}

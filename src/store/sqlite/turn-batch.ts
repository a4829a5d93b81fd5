import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../contract.ts'
import { isBusy } from './database.ts'

/** Runs a change inside the next transaction. */
export type Write = <Result>(change: () => Result) => Promise<Result>

interface Waiting {
  readonly run: () => unknown
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
  /** Set when the change had to wait for a lock. */
  deadline: NodeJS.Timeout | undefined
}

const RETRY_MS = 3
const DEADLINE_MS = 2_000

/**
 * Collects the changes of one event-loop turn into one IMMEDIATE transaction: one commit for all of them, and each promise
 * resolves only after it. While another process holds the lock the changes wait without blocking the loop, two seconds at most.
 * A change that refuses with a `StoreError` must not have written; the others go on. One that fails otherwise fails alone: its
 * transaction is rolled back and the others are run once more, so that a change must not rely on being run only once.
 */
export function createTurnBatch(database: DatabaseSync): Write {
  let waiting: Waiting[] = []
  let scheduled = false
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')

  const flush = (): void => {
    scheduled = false
    if (waiting.length === 0) return
    try {
      begin.run()
    } catch (error) {
      return isBusy(error) ? waitForLock() : rejectAll(waiting.splice(0), error)
    }
    const batch = waiting
    waiting = []
    run(batch)
  }

  const run = (batch: readonly Waiting[]): void => {
    const outcomes: Outcome[] = []
    for (const entry of batch) {
      try {
        outcomes.push(attempt(entry))
      } catch (error) {
        rollBack(database)
        rejectAll([entry], error)
        waiting = [...batch.filter((each) => each !== entry), ...waiting]
        return schedule(0)
      }
    }
    try {
      commit.run()
    } catch (error) {
      rollBack(database)
      return rejectAll(batch, error)
    }
    settle(batch, outcomes)
  }

  const waitForLock = (): void => {
    for (const entry of waiting) entry.deadline ??= setTimeout(() => giveUp(entry), DEADLINE_MS)
    schedule(RETRY_MS)
  }

  const giveUp = (entry: Waiting): void => {
    waiting = waiting.filter((each) => each !== entry)
    rejectAll([entry], new Error('another process holds its lock'))
  }

  const schedule = (afterMs: number): void => {
    if (scheduled) return
    scheduled = true
    if (afterMs === 0) setImmediate(flush)
    else setTimeout(flush, afterMs)
  }

  return (change) =>
    new Promise((resolve, reject) => {
      waiting.push({ run: change, resolve, reject, deadline: undefined })
      schedule(0)
    })
}

type Outcome = { readonly result: unknown } | { readonly refused: StoreError }

function attempt({ run }: Waiting): Outcome {
  try {
    return { result: run() }
  } catch (error) {
    if (error instanceof StoreError) return { refused: error }
    throw error
  }
}

function settle(batch: readonly Waiting[], outcomes: readonly Outcome[]): void {
  for (const [index, outcome] of outcomes.entries()) {
    const entry = batch[index]
    clearTimeout(entry?.deadline)
    if ('refused' in outcome) entry?.reject(outcome.refused)
    else entry?.resolve(outcome.result as never)
  }
}

function rejectAll(batch: readonly Waiting[], error: unknown): void {
  const unavailable = asUnavailable(error)
  for (const { reject, deadline } of batch) {
    clearTimeout(deadline)
    reject(unavailable)
  }
}

/** SQLite has rolled back by itself after some errors, and then refuses. */
function rollBack(database: DatabaseSync): void {
  if (database.isOpen && database.isTransaction) database.exec('ROLLBACK')
}

function asUnavailable(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreError('unavailable', `The database did not take the change: ${reason}`, { cause: error })
}

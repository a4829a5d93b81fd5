import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../contract.ts'

/** Runs a change inside the next transaction. */
export type Write = <Result>(change: () => Result) => Promise<Result>

interface Waiting {
  readonly run: () => unknown
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
  readonly deadline: number
}

const SQLITE_BUSY = 5
const RETRY_MS = 3
const DEADLINE_MS = 2_000

/**
 * Collects the changes of one event-loop turn into one IMMEDIATE transaction: one commit for all of them, and each promise
 * resolves only after it. While another process holds the lock the batch waits without blocking the loop, and every change
 * has a deadline. A change that refuses with a `StoreError` must not have written; the others go on. Any other error rolls the
 * whole batch back.
 */
export function createTurnBatch(
  database: DatabaseSync,
  clock: () => number,
): { write: Write; drain: () => Promise<void> } {
  let waiting: Waiting[] = []
  let scheduled = false
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')

  const flush = (): void => {
    scheduled = false
    expire()
    if (waiting.length === 0) return
    if (!tryBegin()) return schedule(RETRY_MS)
    const batch = waiting
    waiting = []
    settle(batch, runAll(batch))
  }

  const tryBegin = (): boolean => {
    try {
      begin.run()
      return true
    } catch (error) {
      if (isBusy(error)) return false
      rejectAll(waiting.splice(0), error)
      return false
    }
  }

  const runAll = (batch: readonly Waiting[]): Outcome[] | Error => {
    try {
      const outcomes = batch.map(attempt)
      commit.run()
      return outcomes
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      return asUnavailable(error)
    }
  }

  const expire = (): void => {
    const now = clock()
    const late = waiting.filter(({ deadline }) => deadline <= now)
    if (late.length === 0) return
    waiting = waiting.filter(({ deadline }) => deadline > now)
    rejectAll(late, new Error('another process holds its lock'))
  }

  const schedule = (afterMs: number): void => {
    if (scheduled) return
    scheduled = true
    if (afterMs === 0) setImmediate(flush)
    else setTimeout(flush, afterMs)
  }

  const write: Write = (run) =>
    new Promise((resolve, reject) => {
      waiting.push({ run, resolve, reject, deadline: clock() + DEADLINE_MS })
      schedule(0)
    })

  return {
    write,
    drain: () => write(() => undefined),
  }
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

function settle(batch: readonly Waiting[], outcomes: Outcome[] | Error): void {
  if (outcomes instanceof Error) return rejectAll(batch, outcomes)
  for (const [index, outcome] of outcomes.entries()) {
    const entry = batch[index]
    if ('refused' in outcome) entry?.reject(outcome.refused)
    else entry?.resolve(outcome.result as never)
  }
}

function rejectAll(batch: readonly Waiting[], error: unknown): void {
  const unavailable = asUnavailable(error)
  for (const { reject } of batch) reject(unavailable)
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY
}

function asUnavailable(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreError('unavailable', `The database did not take the change: ${reason}`, { cause: error })
}

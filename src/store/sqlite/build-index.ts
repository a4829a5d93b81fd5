import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { allRows, firstRow } from './database.ts'
import { parseToken } from './token-rows.ts'
import type { TokenIndex } from './token-index.ts'
import type { Write } from './turn-batch.ts'

/** Tokens in one transaction: some milliseconds. */
const AT_ONCE = 20
/** Between two transactions, so that everybody else comes first. */
const PAUSE_MS = 5

/**
 * Makes what searches need of tokens that an older version stored, some at a time, and then says that it is there. Tokens that change meanwhile
 * are looked after by whoever changes them. May be broken off, and done by several at once.
 */
export async function buildIndex(
  database: DatabaseSync,
  write: Write,
  { rows, complete }: TokenIndex,
  signal: AbortSignal,
): Promise<void> {
  const next = database.prepare(
    `SELECT slug_perm, record FROM tokens WHERE deleted_at IS NULL AND slug_perm > ? ORDER BY slug_perm LIMIT ${AT_ONCE}`,
  )
  const counts = database.prepare(
    `SELECT (SELECT count(*) FROM tokens WHERE deleted_at IS NULL) AS tokens, (SELECT count(*) FROM search_facts) AS facts`,
  )
  // Another version may have stored some.
  const { tokens, facts } = firstRow<{ tokens: number; facts: number }>(counts) ?? {}
  const { isReady, knowsPairs } = rows.state()
  if (isReady && knowsPairs && tokens === facts) return
  let last: string | undefined = ''
  while (last !== undefined && !signal.aborted) {
    const from: string = last
    last = await write(() => {
      const found = allRows<{ slug_perm: string; record: string }>(next, from)
      for (const row of found) complete(parseToken(row))
      if (found.length === AT_ONCE) return found.at(-1)?.slug_perm
      rows.setReady()
      return undefined
    })
    await pause(PAUSE_MS, undefined, { signal }).catch(() => undefined)
  }
}

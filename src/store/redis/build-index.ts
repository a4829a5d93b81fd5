import { setTimeout as pause } from 'node:timers/promises'
import type { Commands } from './commands.ts'
import type { Keys } from './keys.ts'

export interface BuildOptions {
  readonly commands: Commands
  readonly keys: Keys
  /** Makes a stored token ready for searches, if it is still as it was read. */
  readonly put: (record: string) => Promise<void>
  readonly signal: AbortSignal
}

/** Tokens that are read at once. */
const AT_ONCE = 100
const PAUSE_MS = 10

/** Whether searches find every token. A store that holds none is ready. */
export async function isReady({ commands, keys }: Pick<BuildOptions, 'commands' | 'keys'>): Promise<boolean> {
  if ((await commands.get(keys.search.ready)) !== null) return true
  if ((await commands.countFields(keys.records)) > 0) return false
  await commands.set(keys.search.ready, '1')
  return true
}

/**
 * Makes what searches need of tokens that an older version stored, some at a time, and then says that it is there. Tokens that change meanwhile
 * are looked after by whoever changes them. May be broken off, and done by several at once.
 */
export async function buildIndex({ commands, keys, put, signal }: BuildOptions): Promise<void> {
  const { records, search } = keys
  const [tokens, known] = await Promise.all([
    commands.countFields(records),
    commands.countFields(search.facts),
  ])
  // Another version may have stored some.
  if ((await isReady({ commands, keys })) && tokens === known) return
  let cursor = '0'
  do {
    const [next, fields] = await commands.scanFields(records, cursor, AT_ONCE)
    const ids = fields.filter((_, at) => at % 2 === 0)
    const facts = await commands.readFields(search.facts, ids)
    await Promise.all(ids.map((_, at) => (facts[at] === null ? put(fields[at * 2 + 1] ?? '') : undefined)))
    cursor = next
    await pause(PAUSE_MS, undefined, { signal }).catch(() => undefined)
  } while (cursor !== '0' && !signal.aborted)
  if (!signal.aborted) await commands.set(search.ready, '1')
}

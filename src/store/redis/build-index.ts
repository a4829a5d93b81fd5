import { setTimeout as pause } from 'node:timers/promises'
import type { Apply } from './apply.ts'
import type { Commands } from './commands.ts'
import type { Keys } from './keys.ts'
import { pairBits, readIndexed } from './token-index.ts'
import { parseToken } from './token-text.ts'

export interface BuildOptions {
  readonly commands: Commands
  readonly keys: Keys
  /** Makes a stored token ready for searches, if it is still as it was read. */
  readonly put: (record: string) => Promise<void>
  readonly apply: Apply
  readonly signal: AbortSignal
}

type State = Pick<BuildOptions, 'commands' | 'keys'>

/** Tokens that are read at once. */
const AT_ONCE = 100
const PAUSE_MS = 10
/** Stands at `search.ready` when every token has the bits of its metadata, which an earlier version did not write. */
const WITH_PAIRS = '2'

/** Whether searches find every token. A store that holds none is ready. */
export async function isReady({ commands, keys }: State): Promise<boolean> {
  if ((await commands.get(keys.search.ready)) !== null) return true
  if ((await commands.countFields(keys.records)) > 0) return false
  await commands.set(keys.search.ready, WITH_PAIRS)
  return true
}

/** Whether they may go by the bits of metadata. */
export async function knowsPairs({ commands, keys }: State): Promise<boolean> {
  return (await commands.get(keys.search.ready)) === WITH_PAIRS
}

/**
 * Makes what searches need of tokens that an older version stored, some at a time, and then says that it is there. Tokens that change meanwhile
 * are looked after by whoever changes them. May be broken off, and done by several at once.
 */
export async function buildIndex(options: BuildOptions): Promise<void> {
  const { commands, keys, signal } = options
  const { records, search } = keys
  const [tokens, known] = await Promise.all([
    commands.countFields(records),
    commands.countFields(search.facts),
  ])
  // Another version may have stored some.
  if (tokens === known && (await knowsPairs(options))) return
  let cursor = '0'
  do {
    const [next, fields] = await commands.scanFields(records, cursor, AT_ONCE)
    await complete(options, fields)
    cursor = next
    await pause(PAUSE_MS, undefined, { signal }).catch(() => undefined)
  } while (cursor !== '0' && !signal.aborted)
  if (!signal.aborted) await commands.set(search.ready, WITH_PAIRS)
}

/**
 * `fields`: ids and records in turn. Of tokens that can be searched only the bits of metadata are written, without asking whether it is still
 * so: a bit too many is only looked at in vain.
 */
async function complete(
  { commands, keys, put, apply }: BuildOptions,
  fields: readonly string[],
): Promise<void> {
  const stored = Array.from({ length: fields.length / 2 }, (_, at) => ({
    id: fields[at * 2] ?? '',
    record: fields[at * 2 + 1] ?? '',
  }))
  const indexed = await readIndexed(
    commands,
    keys,
    stored.map(({ id }) => id),
  )
  const bits = stored.flatMap(({ record }, at) => {
    const number = indexed[at]?.number
    return number === undefined ? [] : pairBits(keys, number, parseToken(record))
  })
  await Promise.all([
    ...stored.map(({ record }, at) => (indexed[at] === undefined ? put(record) : undefined)),
    bits.length === 0 ? undefined : apply([], bits),
  ])
}

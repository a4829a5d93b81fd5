import type { DatabaseSync } from 'node:sqlite'
import { allRows, firstRow } from './database.ts'

/** A token as searches know it. */
export interface FactsRow {
  readonly id: string
  readonly number: number
  /** See policy/search/facts.ts. */
  readonly facts: string
  readonly usage: string | null
}

/** Numbers whose bits lie in one row. */
const IN_CHUNK = 4_096

/** Single reads and writes of what tokens are searched by, beside the ordered sets. They belong inside a transaction. */
export interface SearchRows {
  readonly facts: (id: string) => FactsRow | undefined
  readonly allFacts: (ids: readonly string[]) => readonly FactsRow[]
  readonly saveFacts: (row: FactsRow) => void
  readonly dropFacts: (row: Pick<FactsRow, 'id' | 'number'>) => void
  /** A number that no token has. */
  readonly takeNumber: () => number
  readonly factsOf: (numbers: readonly number[]) => readonly FactsRow[]
  readonly setBits: (number: number, slots: Iterable<number>, isSet: boolean) => void
  readonly bits: (slot: number) => Uint8Array
  readonly noteDue: (token: string, due: number) => void
  readonly dropDue: (token: string) => void
  readonly due: (now: number, most: number) => readonly string[]
  /** Whether every token can be searched, and by bits of its metadata too. */
  readonly state: () => { readonly isReady: boolean; readonly knowsPairs: boolean }
  readonly setReady: () => void
}

export function createSearchRows(database: DatabaseSync): SearchRows {
  return { ...factsRows(database), ...bitRows(database), ...dueRows(database), ...stateRows(database) }
}

function factsRows(database: DatabaseSync) {
  const one = database.prepare('SELECT id, number, facts, usage FROM search_facts WHERE id = ?')
  const many = database.prepare(
    'SELECT f.id, number, facts, usage FROM json_each(?) AS wanted CROSS JOIN search_facts AS f ON f.id = wanted.value',
  )
  const save = database.prepare(
    'INSERT OR REPLACE INTO search_facts (id, number, facts, usage) VALUES (?, ?, ?, ?)',
  )
  const drop = database.prepare('DELETE FROM search_facts WHERE id = ?')
  const free = database.prepare('INSERT OR IGNORE INTO search_free (number) VALUES (?)')
  const reuse = database.prepare(
    'DELETE FROM search_free WHERE number = (SELECT min(number) FROM search_free) RETURNING number',
  )
  const next = database.prepare('SELECT coalesce(max(number) + 1, 0) AS number FROM search_facts')
  const byNumber = database.prepare(
    'SELECT f.id, number, facts, usage FROM json_each(?) AS wanted CROSS JOIN search_facts AS f ON f.number = wanted.value',
  )
  return {
    facts: (id: string) => firstRow<FactsRow>(one, id),
    allFacts: (ids: readonly string[]) => allRows<FactsRow>(many, JSON.stringify(ids)),
    saveFacts: ({ id, number, facts, usage }: FactsRow): void => void save.run(id, number, facts, usage),
    dropFacts: ({ id, number }: Pick<FactsRow, 'id' | 'number'>): void => {
      drop.run(id)
      free.run(number)
    },
    takeNumber: (): number =>
      firstRow<{ number: number }>(reuse)?.number ?? firstRow<{ number: number }>(next)?.number ?? 0,
    factsOf: (numbers: readonly number[]) => allRows<FactsRow>(byNumber, JSON.stringify(numbers)),
  }
}

function bitRows(database: DatabaseSync) {
  const read = database.prepare('SELECT bits FROM search_bits WHERE slot = ? AND chunk = ?')
  const write = database.prepare('INSERT OR REPLACE INTO search_bits (slot, chunk, bits) VALUES (?, ?, ?)')
  const all = database.prepare('SELECT chunk, bits FROM search_bits WHERE slot = ? ORDER BY chunk')
  // There are hundreds of rows for a slot: as objects they take twice as long.
  all.setReturnArrays(true)
  return {
    setBits: (number: number, slots: Iterable<number>, isSet: boolean): void => {
      const [chunk, place] = [Math.floor(number / IN_CHUNK), number % IN_CHUNK]
      const [at, mask] = [place >> 3, 0x80 >> (place & 7)]
      for (const slot of slots) {
        const bits = firstRow<{ bits: Uint8Array }>(read, slot, chunk)?.bits ?? new Uint8Array(IN_CHUNK / 8)
        const byte = bits[at] ?? 0
        bits[at] = isSet ? byte | mask : byte & ~mask
        write.run(slot, chunk, bits)
      }
    },
    bits: (slot: number): Uint8Array => {
      const rows = allRows<readonly [chunk: number, bits: Uint8Array]>(all, slot)
      const whole = new Uint8Array((((rows.at(-1)?.[0] ?? -1) + 1) * IN_CHUNK) / 8)
      for (const [chunk, bits] of rows) whole.set(bits, (chunk * IN_CHUNK) / 8)
      return whole
    },
  }
}

function dueRows(database: DatabaseSync) {
  const note = database.prepare(
    'INSERT INTO search_due (token, due) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET due = min(due, ?2)',
  )
  const drop = database.prepare('DELETE FROM search_due WHERE token = ?')
  const read = database.prepare('SELECT token FROM search_due WHERE due <= ? ORDER BY due LIMIT ?')
  return {
    noteDue: (token: string, due: number): void => void note.run(token, due),
    dropDue: (token: string): void => void drop.run(token),
    due: (now: number, most: number): readonly string[] =>
      allRows<{ token: string }>(read, now, most).map(({ token }) => token),
  }
}

function stateRows(database: DatabaseSync) {
  const read = database.prepare('SELECT is_ready, knows_pairs FROM search_state')
  const write = database.prepare('UPDATE search_state SET is_ready = 1, knows_pairs = 1')
  return {
    state: () => {
      const row = firstRow<{ is_ready: number; knows_pairs: number }>(read)
      return { isReady: row?.is_ready === 1, knowsPairs: row?.knows_pairs === 1 }
    },
    setReady: (): void => void write.run(),
  }
}

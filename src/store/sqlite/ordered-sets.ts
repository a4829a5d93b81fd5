import type { DatabaseSync } from 'node:sqlite'
import type { Part } from '../search/contract.ts'
import { nameOfSet, type Entry, type Placed, type SetName } from '../search/sets.ts'
import { allRows, firstRow } from './database.ts'

/** A block that grows beyond is cut in two. Steps inside a block are cheap, and so are a few hundred blocks. */
const MOST_IN_BLOCK = 4_096

/**
 * Ordered sets that know the rank of each entry, which tables do not: the entries of a set are counted in blocks, so that it takes a step for
 * each block and some in one of them. Everything belongs inside a transaction.
 */
export interface OrderedSets {
  /** What is there already stays. */
  readonly add: (placed: Placed, id: string) => void
  /** What is not there is passed over. */
  readonly remove: (placed: Placed, id: string) => void
  readonly count: (part: Part) => number
  /** See SearchIndex. */
  readonly holders: (set: SetName, value: string, ids: readonly string[]) => ReadonlySet<string>
  readonly read: (part: Part, position: number, size: number, descending: boolean) => readonly Entry[]
}

interface Block extends Entry {
  readonly count: number
}

export function createOrderedSets(database: DatabaseSync): OrderedSets {
  const findSet = database.prepare('SELECT id FROM search_sets WHERE name = ?')
  const insertSet = database.prepare('INSERT INTO search_sets (name) VALUES (?) RETURNING id')
  const blocks = createBlocks(database)
  const ranks = createRanks(database)
  const insert = database.prepare('INSERT OR IGNORE INTO search_entries (set_id, value, id) VALUES (?, ?, ?)')
  const holders = database.prepare(
    `SELECT entry.id FROM json_each(?) AS wanted CROSS JOIN search_entries AS entry
     ON entry.set_id = ? AND entry.value = ? AND entry.id = wanted.value`,
  )
  const remove = database.prepare('DELETE FROM search_entries WHERE set_id = ? AND value = ? AND id = ?')

  /** Never remembered: a transaction that made the set may be rolled back. */
  const idOf = (set: SetName): number | undefined => firstRow<{ id: number }>(findSet, nameOfSet(set))?.id
  const bounds = (set: number, { least, most, text }: Part): readonly [from: number, until: number] => {
    const [low, high] = [text ?? least, text ?? most]
    return [
      low === undefined ? 0 : ranks.below(set, low, false),
      high === undefined ? ranks.total(set) : ranks.below(set, high, true),
    ]
  }
  return {
    add: ({ set, value }, id) => {
      const known = idOf(set) ?? firstRow<{ id: number }>(insertSet, nameOfSet(set))?.id ?? 0
      if (insert.run(known, value, id).changes !== 0) blocks.grow(known, { value, id })
    },
    remove: ({ set, value }, id) => {
      const known = idOf(set)
      if (known === undefined || remove.run(known, value, id).changes === 0) return
      blocks.shrink(known, { value, id })
    },
    count: (part) => {
      const set = idOf(part.set)
      if (set === undefined) return 0
      const [from, until] = bounds(set, part)
      return Math.max(0, until - from)
    },
    holders: (name, value, ids) => {
      const set = idOf(name)
      if (set === undefined) return new Set()
      return new Set(allRows<{ id: string }>(holders, JSON.stringify(ids), set, value).map(({ id }) => id))
    },
    read: (part, position, size, descending) => {
      const set = idOf(part.set)
      if (set === undefined) return []
      const [from, until] = bounds(set, part)
      const first = descending ? Math.max(from, until - position - size) : from + position
      const end = descending ? until - position : Math.min(until, first + size)
      if (first >= end) return []
      const entries = ranks.read(set, first, end - first)
      return descending ? entries.toReversed() : entries
    },
  }
}

/** Keeps the counts true. */
function createBlocks(database: DatabaseSync) {
  const columns = 'SELECT value, id, count FROM search_blocks WHERE set_id = ?'
  const last = database.prepare(`${columns} AND (value, id) <= (?, ?) ORDER BY value DESC, id DESC LIMIT 1`)
  const first = database.prepare(`${columns} ORDER BY value, id LIMIT 1`)
  const insert = database.prepare('INSERT INTO search_blocks (set_id, value, id, count) VALUES (?, ?, ?, ?)')
  const change = database.prepare(
    `UPDATE search_blocks SET value = :value, id = :id, count = :count
     WHERE set_id = :set AND value = :oldValue AND id = :oldId`,
  )
  const remove = database.prepare('DELETE FROM search_blocks WHERE set_id = ? AND value = ? AND id = ?')
  const nth = database.prepare(
    `SELECT value, id FROM search_entries WHERE set_id = ? AND (value, id) >= (?, ?)
     ORDER BY value, id LIMIT 1 OFFSET ?`,
  )
  const save = (set: number, old: Entry, { value, id, count }: Block): void =>
    void change.run({ set, oldValue: old.value, oldId: old.id, value, id, count })

  const split = (set: number, block: Block): void => {
    const half = Math.floor(block.count / 2)
    const middle = firstRow<Entry>(nth, set, block.value, block.id, half)
    if (middle === undefined) return
    insert.run(set, middle.value, middle.id, block.count - half)
    save(set, block, { ...block, count: half })
  }
  return {
    grow: (set: number, entry: Entry): void => {
      const around = firstRow<Block>(last, set, entry.value, entry.id)
      const block = around ?? firstRow<Block>(first, set)
      if (block === undefined) return void insert.run(set, entry.value, entry.id, 1)
      // Before the first one: then that begins here.
      const grown = { ...(around ?? entry), count: block.count + 1 }
      save(set, block, grown)
      if (grown.count > MOST_IN_BLOCK) split(set, grown)
    },
    shrink: (set: number, entry: Entry): void => {
      const block = firstRow<Block>(last, set, entry.value, entry.id)
      if (block === undefined) return
      if (block.count > 1) save(set, block, { ...block, count: block.count - 1 })
      else remove.run(set, block.value, block.id)
    },
  }
}

function createRanks(database: DatabaseSync) {
  const total = database.prepare('SELECT total(count) AS total FROM search_blocks WHERE set_id = ?')
  /** The last block that begins below (or at) a value, and how many entries there are before it. */
  const lastBelow = (sign: '<' | '<=') =>
    database.prepare(
      `SELECT value, id, (SELECT total(count) FROM search_blocks AS earlier WHERE set_id = :set
         AND (earlier.value, earlier.id) < (block.value, block.id)) AS before
       FROM search_blocks AS block WHERE set_id = :set AND value ${sign} :value ORDER BY value DESC, id DESC LIMIT 1`,
    )
  const countIn = (sign: '<' | '<=') =>
    database.prepare(
      `SELECT count(*) AS count FROM search_entries WHERE set_id = ? AND (value, id) >= (?, ?) AND value ${sign} ?`,
    )
  const byRank = database.prepare(
    `SELECT value, id, before FROM (
       SELECT value, id, total(count) OVER (ORDER BY value, id) - count AS before FROM search_blocks WHERE set_id = ?
     ) WHERE before <= ? ORDER BY before DESC LIMIT 1`,
  )
  const from = database.prepare(
    `SELECT value, id FROM search_entries WHERE set_id = ? AND (value, id) >= (?, ?)
     ORDER BY value, id LIMIT ? OFFSET ?`,
  )
  const inclusive = [lastBelow('<='), countIn('<=')] as const
  const exclusive = [lastBelow('<'), countIn('<')] as const
  type Begun = Entry & { readonly before: number }
  return {
    total: (set: number): number => firstRow<{ total: number }>(total, set)?.total ?? 0,
    /** How many entries have lower values; with `orSame` also those that have this one. */
    below: (set: number, value: string | number, orSame: boolean): number => {
      const [find, count] = orSame ? inclusive : exclusive
      const block = find.get({ set, value }) as Begun | undefined
      if (block === undefined) return 0
      const inside = firstRow<{ count: number }>(count, set, block.value, block.id, value)
      return block.before + (inside?.count ?? 0)
    },
    read: (set: number, rank: number, size: number): readonly Entry[] => {
      const block = firstRow<Begun>(byRank, set, rank)
      return block === undefined
        ? []
        : allRows<Entry>(from, set, block.value, block.id, size, rank - block.before)
    },
  }
}

import type { DatabaseSync } from 'node:sqlite'
import { decodeFacts, decodeUsage, encodeFacts, encodeUsage, factsOf } from '../../policy/search/facts.ts'
import type { StoredToken } from '../contract.ts'
import { differences, placesOf, usagePlaces, type Placed } from '../search/sets.ts'
import { slotsOfMetadata, slotsOfToken } from '../search/slots.ts'
import { changesAt, usageInPeriod } from '../search/usage-in-period.ts'
import { createOrderedSets, type OrderedSets } from './ordered-sets.ts'
import { createSearchRows, type SearchRows } from './search-rows.ts'
import { createUsageRows } from './usage-rows.ts'

/** Keeps what tokens are searched by true to the tokens. Everything belongs inside a transaction. */
export interface TokenIndex {
  readonly sets: OrderedSets
  readonly rows: SearchRows
  /** A token changed; undefined: there was none, or is none any more. */
  readonly put: (before: StoredToken | undefined, after: StoredToken | undefined) => void
  /** Writes what an earlier version did not: all of a token, or the bits of its metadata. */
  readonly complete: (token: StoredToken) => void
  /** See TokenStore. */
  readonly refreshUsage: (now: number, most: number) => number
}

export function createTokenIndex(database: DatabaseSync): TokenIndex {
  const [sets, rows, { usage }] = [
    createOrderedSets(database),
    createSearchRows(database),
    createUsageRows(database),
  ]
  const move = (id: string, before: readonly Placed[], after: readonly Placed[]): void => {
    const { gone, come } = differences(before, after)
    for (const placed of gone) sets.remove(placed, id)
    for (const placed of come) sets.add(placed, id)
  }
  const refreshOne = (id: string, now: number): void => {
    rows.dropDue(id)
    const row = rows.facts(id)
    if (row === undefined) return
    const facts = decodeFacts(row.facts)
    const after = usageInPeriod(usage(id), facts.schedule, now)
    move(id, usagePlaces(facts, facts, decodeUsage(row.usage)), usagePlaces(facts, facts, after))
    rows.saveFacts({ ...row, usage: encodeUsage(after) })
    const next = changesAt(after, facts.schedule, now)
    if (next !== null) rows.noteDue(id, next)
  }
  return {
    sets,
    rows,
    put: (before, after) => putToken(rows, move, before, after),
    complete: (token) => {
      const row = rows.facts(token.slugPerm)
      if (row === undefined) putToken(rows, move, undefined, token)
      else rows.setBits(row.number, slotsOfMetadata(token.metadata), true)
    },
    refreshUsage: (now, most) => {
      const due = rows.due(now, most)
      for (const id of due) refreshOne(id, now)
      return due.length
    },
  }
}

function putToken(
  rows: SearchRows,
  move: (id: string, before: readonly Placed[], after: readonly Placed[]) => void,
  before: StoredToken | undefined,
  after: StoredToken | undefined,
): void {
  const id = (after ?? before)?.slugPerm
  if (id === undefined) return
  const row = rows.facts(id)
  const used = decodeUsage(row?.usage)
  // One that has no row yet is nowhere.
  const known = row === undefined ? undefined : before
  const placesBefore = known === undefined ? [] : placesOf(known, factsOf(known), used)
  move(id, placesBefore, after === undefined ? [] : placesOf(after, factsOf(after), used))
  const number = row?.number ?? rows.takeNumber()
  const [old, next] = [slotsOf(known), slotsOf(after)]
  rows.setBits(number, old.difference(next), false)
  rows.setBits(number, next.difference(old), true)
  if (after === undefined) rows.dropFacts({ id, number })
  else rows.saveFacts({ id, number, facts: encodeFacts(factsOf(after)), usage: row?.usage ?? null })
  // The period may be another one now.
  if (row !== undefined) rows.noteDue(id, 0)
}

function slotsOf(token: StoredToken | undefined): Set<number> {
  return token === undefined ? new Set() : slotsOfToken(token)
}

import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { decodeFacts, decodeUsage } from '../../policy/search/facts.ts'
import type { StoredToken } from '../contract.ts'
import type { Known, SearchIndex } from '../search/contract.ts'
import { allRows } from './database.ts'
import type { FactsRow } from './search-rows.ts'
import { parseToken } from './token-rows.ts'
import type { TokenIndex } from './token-index.ts'

/** What searches read. Reads are synchronous: each waits for a turn of the event loop, so that others come in between. */
export function createSqliteSearchIndex(database: DatabaseSync, { sets, rows }: TokenIndex): SearchIndex {
  const readTokens = database.prepare(
    `SELECT slug_perm, record FROM tokens WHERE deleted_at IS NULL
     AND slug_perm IN (SELECT value FROM json_each(?))`,
  )
  const tokensOf = (ids: readonly string[]): readonly (StoredToken | undefined)[] => {
    const found = allRows<{ slug_perm: string; record: string }>(readTokens, JSON.stringify(ids))
    const byId = new Map(found.map((row) => [row.slug_perm, row]))
    return ids.map((id) => {
      const row = byId.get(id)
      return row && parseToken(row)
    })
  }
  let knowsPairs = false
  return {
    knowsPairs: async () => (knowsPairs ||= rows.state().knowsPairs),
    count: async (parts) => parts.map(sets.count),
    page: async (...asked) => {
      await nextTurn()
      // Between two reads another process may write.
      database.exec('BEGIN')
      try {
        const ids = sets.read(...asked).map(({ id }) => id)
        return { total: sets.count(asked[0]), tokens: tokensOf(ids).filter((token) => token !== undefined) }
      } finally {
        database.exec('COMMIT')
      }
    },
    read: async (...asked) => {
      await nextTurn()
      return sets.read(...asked)
    },
    facts: async (ids) => {
      await nextTurn()
      const found = new Map(rows.allFacts(ids).map((row) => [row.id, row]))
      return ids.map((id) => {
        const row = found.get(id)
        return row && toKnown(row)
      })
    },
    factsOf: async (numbers) => {
      await nextTurn()
      return rows.factsOf(numbers).map(toKnown)
    },
    holders: async (...asked) => {
      await nextTurn()
      return sets.holders(...asked)
    },
    tokens: async (ids) => {
      await nextTurn()
      return tokensOf(ids)
    },
    bits: async (slots) => {
      await nextTurn()
      return slots.map(rows.bits)
    },
  }
}

function toKnown({ facts, usage }: FactsRow): Known {
  return { facts: decodeFacts(facts), usage: decodeUsage(usage) }
}

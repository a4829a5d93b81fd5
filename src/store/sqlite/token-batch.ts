import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { WHOLE_OWNER } from '../../policy/owner-level.ts'
import type { StoredToken, TokenBatch } from '../contract.ts'
import { batchEntries, planBatch } from '../token-batch.ts'
import type { WriteEntry } from './audit.ts'
import { parseToken, PREVIOUS_DIGEST, type TokenChanges } from './token-rows.ts'

/** Finds and carries out a batch; belongs inside a transaction. Refuses before anything is written. */
export function createBatch(
  database: DatabaseSync,
  changes: Pick<TokenChanges, 'insert' | 'overwrite' | 'remove'>,
  writeEntry: WriteEntry,
): (batch: TokenBatch) => void {
  const find = createFind(database)
  return (batch) => {
    const planned = planBatch(batch, find(batch))
    for (const { before, after } of planned) {
      if (before === undefined) {
        if (after !== undefined) changes.insert(after)
      } else if (after === undefined) changes.remove(before, batch.at)
      else changes.overwrite(before, after)
    }
    batchEntries(planned).forEach(writeEntry)
  }
}

/** Secrets are looked for wherever a token of the place may share none: see isNear. */
function createFind(database: DatabaseSync): (batch: TokenBatch) => StoredToken[] {
  const here = 'owner = :owner AND repo = :repo'
  const near = `owner = :owner AND (repo = :repo OR repo = '${WHOLE_OWNER}' OR :repo = '${WHOLE_OWNER}')`
  const select = (place: string, what: string): StatementSync =>
    database.prepare(`SELECT record FROM tokens WHERE ${place} AND deleted_at IS NULL AND ${what} = :value`)
  const by = [
    ['slugPerms', select(here, 'slug_perm')],
    ['names', select(here, 'name')],
    ['digests', select(near, 'digest')],
    ['digests', select(near, PREVIOUS_DIGEST)],
  ] as const
  return ({ owner, repo, about }) => {
    const found = by.flatMap(([what, statement]) =>
      about[what].flatMap((value) => statement.all({ owner, repo, value }).map(parseToken)),
    )
    return [...new Map(found.map((token) => [token.slugPerm, token])).values()]
  }
}

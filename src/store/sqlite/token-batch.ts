import type { DatabaseSync } from 'node:sqlite'
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

function createFind(database: DatabaseSync): (batch: TokenBatch) => StoredToken[] {
  const there = 'FROM tokens WHERE owner = ? AND repo = ? AND deleted_at IS NULL AND'
  const by = [
    ['slugPerms', database.prepare(`SELECT record ${there} slug_perm = ?`)],
    ['names', database.prepare(`SELECT record ${there} name = ?`)],
    ['digests', database.prepare(`SELECT record ${there} digest = ?`)],
    ['digests', database.prepare(`SELECT record ${there} ${PREVIOUS_DIGEST} = ?`)],
  ] as const
  return ({ owner, repo, about }) => {
    const found = by.flatMap(([what, statement]) =>
      about[what].flatMap((value) => statement.all(owner, repo, value).map(parseToken)),
    )
    return [...new Map(found.map((token) => [token.slugPerm, token])).values()]
  }
}

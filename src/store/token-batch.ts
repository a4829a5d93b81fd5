import { tokenEntry } from './audit-entry.ts'
import { StoreError, type PlannedChange, type StoredToken, type TokenBatch } from './contract.ts'
import type { AuditEntry } from './contract/audit.ts'
import { digestsOf } from './stored-token.ts'

/**
 * The changes that a batch wants. @throws StoreError `conflict` as `TokenStore.batch`; an Error when the plan changes a token twice, or one of
 * another place, or gives one a secret that it did not ask about.
 */
export function planBatch(
  { plan, about, owner, repo }: TokenBatch,
  found: readonly StoredToken[],
): readonly PlannedChange[] {
  const changes = plan(found)
  const touched = new Set(changes.map(({ before, after }) => (after ?? before)?.slugPerm))
  if (touched.size < changes.length) throw new Error('a plan that changes a token twice')
  const owners = new Map(found.flatMap((token) => digestsOf(token).map((digest) => [digest, token.slugPerm])))
  const asked = new Set(about.digests)
  for (const { before, after } of changes) {
    const token = after ?? before
    if (token?.owner !== owner || token.repo !== repo)
      throw new Error('a plan that changes what is elsewhere')
    const known = new Set(before === undefined ? [] : digestsOf(before))
    const gained = after === undefined ? [] : digestsOf(after).filter((digest) => !known.has(digest))
    for (const digest of gained) {
      if (!asked.has(digest)) throw new Error('a plan with a secret that it did not ask about')
      if (owners.has(digest)) throw new StoreError('conflict', 'Another token has the same secret.')
      owners.set(digest, after?.slugPerm ?? '')
    }
  }
  return changes
}

/** What the audit log says of a batch. */
export function batchEntries(changes: readonly PlannedChange[]): AuditEntry[] {
  return changes.map(({ note, before, after }) => tokenEntry(note, before, after))
}

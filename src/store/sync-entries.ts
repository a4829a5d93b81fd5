import { tokenEntry } from './audit-entry.ts'
import { StoreError, type StoredToken, type TokenSync } from './contract.ts'
import type { AuditEntry } from './contract/audit.ts'
import { digestsOf } from './stored-token.ts'

/** What the audit log says of a sync: each token that went, each that came, and the whole. */
export function syncEntries(
  { source, target, noteOf }: Pick<TokenSync, 'source' | 'target' | 'noteOf'>,
  gone: readonly StoredToken[],
  made: readonly StoredToken[],
): AuditEntry[] {
  const { owner, repo } = target
  return [
    ...gone.map((token) => tokenEntry(noteOf('repo.entitlement.deleted'), token, undefined)),
    ...made.map((token) => tokenEntry(noteOf('repo.entitlement.created'), undefined, token)),
    {
      ...noteOf('repo.token_synced'),
      object: { kind: 'repository', owner, repo, id: null, name: repo },
      changes: { source: [null, `${source.owner}/${source.repo}`], tokens: [gone.length, made.length] },
    },
  ]
}

/**
 * The tokens that take the place of the others; undefined: nothing is to be changed. @throws StoreError `conflict` when a secret of one of
 * them, also a previous one, is that of another.
 */
export function planSync(
  { plan, most }: TokenSync,
  source: readonly StoredToken[],
  target: readonly StoredToken[],
): readonly StoredToken[] | undefined {
  const planned = plan(source, target)
  if (planned === undefined) return undefined
  if (Math.max(source.length, target.length) > most) throw new Error('a plan that has not seen all tokens')
  const digests = planned.flatMap(digestsOf)
  if (new Set(digests).size === digests.length) return planned
  throw new StoreError('conflict', 'Two of the tokens have the same secret.')
}

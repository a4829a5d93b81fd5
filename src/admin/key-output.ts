import { SECRET_MASK } from '../policy/secret.ts'
import type { ApiKey } from '../store/contract.ts'
import { isWorking } from '../store/stored-key.ts'
import { json, type Answer } from './answer.ts'
import { etagOfKey } from './etag.ts'
import { formatInstant, formatOptional } from './instants.ts'
import type { AdminOptions } from './options.ts'
import type { Call } from './routes.ts'

/** The answer with a key, see `renderKey`. */
export function answerKey(
  { clock }: Pick<AdminOptions, 'clock'>,
  { base }: Call,
  key: ApiKey,
  { status = 200, secret }: { readonly status?: number; readonly secret?: string } = {},
): Answer {
  const shown = renderKey(key, { base, now: clock(), ...(secret === undefined ? {} : { secret }) })
  return json(status, shown, { ETag: etagOfKey(key) })
}

/** A key as answers show it. `secret`: the key itself, which is known at its creation only. */
export function renderKey(
  key: ApiKey,
  {
    base,
    now,
    secret = SECRET_MASK,
  }: { readonly base: string; readonly now: number; readonly secret?: string },
): Record<string, unknown> {
  const self = `${base}/keys/${key.id}/`
  return {
    name: key.name,
    slug_perm: key.id,
    key: secret,
    role: key.role,
    repositories: key.repositories,
    is_active: isWorking(key, now),
    expires_at: formatOptional(key.expiresAt),
    last_used_at: formatOptional(key.lastUsedAt),
    last_used_from: key.lastUsedFrom,
    created_at: formatInstant(key.createdAt),
    created_by: key.createdBy,
    updated_at: formatOptional(key.updatedAt),
    updated_by: key.updatedBy,
    revoked_at: formatOptional(key.revokedAt),
    revoked_by: key.revokedBy,
    self_url: self,
    rotate_url: `${self}rotate/`,
  }
}

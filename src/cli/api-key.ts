import { readFields, unexpected } from './json-fields.ts'

/** A key of the management API as it shows one. Text is fit for a terminal; instants are ISO 8601. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  /** Asterisks unless it was just made. */
  readonly secret: string
  readonly role: string
  readonly repositories: readonly string[]
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly lastUsedFrom: string | null
  readonly createdAt: string | null
  readonly createdBy: string | null
  readonly updatedAt: string | null
  readonly updatedBy: string | null
  readonly revokedAt: string | null
  readonly revokedBy: string | null
}

/** @throws CliError when it is none. */
export function readKey(value: unknown): ApiKey {
  const { text, texts } = readFields(value)
  const [id, name, role] = [text('slug_perm'), text('name'), text('role')]
  if (id === null || name === null || role === null) throw unexpected()
  return {
    id,
    name,
    role,
    secret: text('key') ?? '',
    repositories: texts('repositories') ?? [],
    expiresAt: text('expires_at'),
    lastUsedAt: text('last_used_at'),
    lastUsedFrom: text('last_used_from'),
    createdAt: text('created_at'),
    createdBy: text('created_by'),
    updatedAt: text('updated_at'),
    updatedBy: text('updated_by'),
    revokedAt: text('revoked_at'),
    revokedBy: text('revoked_by'),
  }
}

import { EVERYWHERE } from '../policy/key-scope.ts'
import type { ApiKey, KeyQuery, KeyUse } from './contract.ts'

/**
 * What a store fills in where a key was stored before there were roles: it may do everything. Also what the keys begin with that Postern makes
 * by itself.
 */
export const FULL_KEY: Omit<ApiKey, 'id' | 'name' | 'digest' | 'createdAt'> = {
  role: 'admin',
  repositories: EVERYWHERE,
  expiresAt: null,
  createdBy: null,
  updatedAt: null,
  updatedBy: null,
  lastUsedAt: null,
  lastUsedFrom: null,
  revokedAt: null,
  revokedBy: null,
}

/** True when it is neither revoked nor, at `now`, expired. */
export function isWorking({ revokedAt, expiresAt }: ApiKey, now: number): boolean {
  return revokedAt === null && (expiresAt === null || now < expiresAt)
}

/** The page of `all` that is asked for. */
export function pageOfKeys(
  all: readonly ApiKey[],
  { page, pageSize, workingAt }: KeyQuery,
): { readonly total: number; readonly keys: readonly ApiKey[] } {
  const wanted = workingAt === null ? all : all.filter((key) => isWorking(key, workingAt))
  const first = (page - 1) * pageSize
  const keys = wanted.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(first, first + pageSize)
  return { total: wanted.length, keys }
}

/** The key with `use` noted; undefined when there is nothing to note. */
export function withKeyUse(key: ApiKey, { at, address }: KeyUse): ApiKey | undefined {
  const isNews = key.revokedAt === null && at > (key.lastUsedAt ?? -Infinity)
  return isNews ? { ...key, lastUsedAt: at, lastUsedFrom: address } : undefined
}

/**
 * What a key is stored under: not its digest alone, by which earlier versions would find it and let it do everything. They share the store
 * while hosts are upgraded one by one. Keys of theirs keep their digest until they are changed.
 */
export function nameOfDigest(digest: string): string {
  return `2:${digest}`
}

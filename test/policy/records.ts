import type { TokenRecord } from '../../src/policy/types.ts'

/** A token of acme/deb without any limit. */
export function newRecord(fields: Partial<TokenRecord> = {}): TokenRecord {
  return {
    slugPerm: '01J00000000000000000000000',
    owner: 'acme',
    repo: 'deb',
    name: 'customer',
    isActive: true,
    validFrom: null,
    validUntil: null,
    repositories: null,
    packages: null,
    limitDownloads: null,
    limitClients: null,
    metadata: null,
    createdAt: 0,
    createdBy: 'ada',
    updatedAt: null,
    updatedBy: null,
    ...fields,
  }
}

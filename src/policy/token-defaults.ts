import type { TokenRecord } from './types.ts'

/** A new token on which nothing but its name is set: it opens its own repository without a limit. */
export const TOKEN_DEFAULTS: Omit<
  TokenRecord,
  'name' | 'slugPerm' | 'owner' | 'repo' | 'createdAt' | 'createdBy'
> = {
  isActive: true,
  validFrom: null,
  validUntil: null,
  repositories: null,
  packages: null,
  packageQuery: null,
  pathQuery: null,
  limitDownloads: null,
  limitClients: null,
  clientsWindowMs: null,
  limitBandwidth: null,
  limitBandwidthUnit: 'Byte',
  limitRate: null,
  limitConcurrency: null,
  networks: null,
  publishedUntil: null,
  startsOnFirstDownload: false,
  resetPeriod: 'Never Reset',
  resetAnchor: null,
  eulaRequired: false,
  eulaAccepted: {},
  metadata: null,
  firstDownloadAt: null,
  previousValidUntil: null,
  updatedAt: null,
  updatedBy: null,
}

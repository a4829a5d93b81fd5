import type { Gate } from '../../support/gate.ts'
import { REPOSITORY } from '../pair.ts'

/** Limits of a token of the model, by Cloudsmith's names. */
export interface Limits {
  readonly limit_num_downloads?: number
  readonly limit_num_clients?: number
  /** Bytes. */
  readonly limit_bandwidth?: number
}

/** What a token has used. */
export interface Used {
  readonly downloads: number
  readonly clients: number
  readonly bandwidth: number
}

export interface ModelToken {
  readonly slug: string
  readonly secret: string
  readonly limits: Limits
  /** Its customers fetch the same few files and leave whenever they like. */
  readonly isCrowd: boolean
}

/** What no load reaches. */
export const FAR = 1_000_000_000
const [DOWNLOADS, CLIENTS, BYTES] = [240, 24, 6_000_000]

/**
 * Each limit alone and with others. Of several on one token that of clients is reached first, then that of downloads, and that of bytes at
 * last, by indexes.
 */
const PLANS: readonly Limits[] = [
  { limit_num_downloads: DOWNLOADS },
  { limit_num_downloads: 1 },
  { limit_num_clients: CLIENTS },
  { limit_num_clients: 1 },
  { limit_bandwidth: BYTES },
  { limit_bandwidth: 100_000 },
  { limit_num_downloads: DOWNLOADS / 2, limit_num_clients: CLIENTS },
  { limit_num_downloads: DOWNLOADS / 3, limit_bandwidth: 6_000_000 },
  { limit_num_clients: CLIENTS, limit_bandwidth: BYTES },
  { limit_num_downloads: DOWNLOADS / 3, limit_num_clients: CLIENTS, limit_bandwidth: BYTES },
  { limit_num_downloads: DOWNLOADS / 6, limit_num_clients: CLIENTS / 2, limit_bandwidth: 5_000_000 },
  { limit_num_downloads: FAR, limit_num_clients: FAR, limit_bandwidth: 100 * FAR },
]

/** Of crowds. */
const CROWDS: readonly Limits[] = [
  { limit_num_downloads: DOWNLOADS },
  { limit_bandwidth: 4 * BYTES },
  { limit_num_downloads: FAR },
]

export async function createTokens(gate: Gate): Promise<readonly ModelToken[]> {
  const create = async (limits: Limits, isCrowd: boolean): Promise<ModelToken> => {
    const { limit_bandwidth: bytes } = limits
    const unit = bytes === undefined ? {} : { limit_bandwidth_unit: 'Byte' }
    const fields = { ...limits, ...unit }
    const { slug_perm, token } = await gate.createToken(REPOSITORY, fields)
    return { slug: slug_perm, secret: token, limits: fields, isCrowd }
  }
  return Promise.all([
    ...PLANS.map((limits) => create(limits, false)),
    ...CROWDS.map((limits) => create(limits, true)),
  ])
}

/** What each token has used, by slug_perm, as a host tells it; undefined when its store is late. */
export async function readUsed(gate: Gate): Promise<ReadonlyMap<string, Used> | undefined> {
  const { status, body } = await gate.admin('GET', `/entitlements/${REPOSITORY}/?page_size=500`)
  if (status === 503) return undefined
  if (status !== 200) throw new Error(`The management API answered ${status}: ${JSON.stringify(body)}`)
  return new Map((body as (Used & { readonly slug_perm: string })[]).map((each) => [each.slug_perm, each]))
}

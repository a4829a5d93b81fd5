/**
 * What is limited about the tokens of every gate that checks anything: they are active, between two dates, for one repository, some
 * packages, so many downloads and clients. None of it is ever reached.
 */
export const LIMITS: {
  readonly owner: string
  readonly repo: string
  /** Epoch ms. */
  readonly validFrom: number
  readonly validUntil: number
  /** Globs over the names of packages. */
  readonly packages: readonly string[]
  readonly downloads: number
  readonly clients: number
} = {
  owner: 'acme',
  repo: 'stable',
  validFrom: Date.now() - 86_400_000,
  validUntil: Date.now() + 365 * 86_400_000,
  packages: ['bench-*', 'fleet-*'],
  downloads: 1_000_000_000,
  clients: 1_000,
}

export const REPOSITORY: string = `${LIMITS.owner}/${LIMITS.repo}`

/** The secret of a token by its number. */
export function secretOf(token: number): string {
  return `bench-secret-${String(token).padStart(8, '0')}`
}

/** Where a gate that takes the secret in the path serves a file. */
export function gatedPath(path: string, token: number): string {
  return `/${secretOf(token)}/${REPOSITORY}/${path}`
}

import { isSemver } from '../../policy/versions/semver.ts'
import type { Finding } from './contract.ts'
import { cutLast } from './cut.ts'
import { readNpmName } from './npm-name.ts'

const FREE: ReadonlySet<string> = new Set([
  'ping',
  'whoami',
  'npm/v1/keys',
  'npm/v1/security/advisories/bulk',
  'npm/v1/security/audits',
  'npm/v1/security/audits/quick',
])
/** They answer with packages that nobody asked for by name. */
const LISTINGS: ReadonlySet<string> = new Set(['v1/search', 'all', 'all/since'])
const ATTESTATIONS = 'npm/v1/attestations/'

/**
 * What stands below `-/` in an npm registry. Endpoints that no installation needs are unknown: some list packages or users, or the
 * storage's own tokens.
 */
export function findNpmEndpoint(segments: readonly string[]): Finding | undefined {
  const endpoint = segments.join('/')
  if (FREE.has(endpoint)) return { kind: 'metadata' }
  if (LISTINGS.has(endpoint)) return { kind: 'listing' }
  if (segments[0] === 'package') return findTags(segments.slice(1))
  return endpoint.startsWith(ATTESTATIONS) ? findAttestations(segments.slice(3)) : undefined
}

/** `package/NAME/dist-tags`. */
function findTags(segments: readonly string[]): Finding | undefined {
  const named = readNpmName(segments)
  const isTags = named?.rest.length === 1 && named.rest[0] === 'dist-tags'
  return isTags ? { kind: 'metadata', name: named.name } : undefined
}

/** `npm/v1/attestations/NAME@VERSION`. */
function findAttestations(segments: readonly string[]): Finding | undefined {
  const [base, version] = cutLast(segments.at(-1) ?? '', '@')
  if (base === '' || !isSemver(version)) return undefined
  const named = readNpmName([...segments.slice(0, -1), base])
  return named?.rest.length === 0 ? { kind: 'metadata', name: named.name, version } : undefined
}

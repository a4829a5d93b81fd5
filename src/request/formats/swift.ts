import { isSemver } from '../../policy/versions/semver.ts'
import { withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the paths of a registry of Swift packages (SwiftPM, "Swift Package Registry Service Specification"): `SCOPE/NAME/VERSION.zip` and what
 * is said of it. Scopes and names are the same in capital letters; here they are small ones, with a dot between them, as manifests name packages.
 */
export const swift: FormatRules = formatRules(createRecognizer('swift', withCompanions(findFile)), {
  takesQuery: ({ kind, filename }) => kind === 'listing' || filename === 'Package.swift',
})

const SCOPE = /^[a-z0-9](?:-?[a-z0-9]){0,38}$/i
const NAME = /^[a-z0-9](?:[-_]?[a-z0-9]){0,99}$/i
const ARCHIVE = /\.zip$/
const DOCUMENT = /\.json$/
/** A prerelease may look so, but a storage may take it for a file. */
const FILE_END = /\.(?:zip|json|swift)$/i

function findFile(path: string): Finding | undefined {
  if (path === 'identifiers') return { kind: 'listing' }
  if (path === 'availability') return { kind: 'metadata' }
  const [scope = '', ...rest] = path.split('/')
  const release = rest.length === 1 ? (rest[0] ?? '').replace(DOCUMENT, '') : (rest[0] ?? '')
  if (rest.length > 3 || !SCOPE.test(scope) || !NAME.test(release)) return undefined
  const name = `${scope}.${release}`.toLowerCase()
  if (rest.length === 1) return { kind: 'metadata', name }
  return findRelease(name, rest.slice(1))
}

function findRelease(name: string, [file = '', inside]: readonly string[]): Finding | undefined {
  const isArchive = ARCHIVE.test(file) && inside === undefined
  const version = inside === undefined ? file.replace(isArchive ? ARCHIVE : DOCUMENT, '') : file
  const isInside = inside === undefined || inside === 'Package.swift'
  if (!isInside || !isSemver(version) || FILE_END.test(version)) return undefined
  return { kind: isArchive ? 'package' : 'metadata', name, version }
}

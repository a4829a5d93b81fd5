import { COMMON_FORM } from '../../policy/refusal.ts'
import { isSemver } from '../../policy/versions/semver.ts'
import { looksLikePackage, withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the paths of a repository of Dart packages ("Hosted Pub Repository Specification Version 2"). Where archives lie is up to it; these are
 * pub.dev's places, those of unpub, and those of old pub clients.
 */
export const dart: FormatRules = formatRules(createRecognizer('dart', withCompanions(findFile)), {
  answers: { ...COMMON_FORM, challenge: 'Bearer realm="pub"', explainsIn: 'message' },
})

const NAME = '(?<name>[A-Za-z_][A-Za-z0-9_]*)'
const VERSION = '(?<version>[0-9][0-9A-Za-z.+-]*)'
const LISTINGS = /^api\/(?:package-names|package-name-completion-data|packages|search)$/
const DOCUMENT = new RegExp(`^api/packages/${NAME}(?:/advisories|/versions/${VERSION})?$`)
const ARCHIVES = [
  new RegExp(`^(?:api/)?archives/${NAME}-${VERSION}\\.tar\\.gz$`),
  new RegExp(`^(?:api/)?packages/${NAME}/versions/${VERSION}\\.tar\\.gz$`),
]

function findFile(path: string): Finding | undefined {
  if (LISTINGS.test(path)) return { kind: 'listing' }
  const archive = ARCHIVES.map((pattern) => pattern.exec(path)?.groups).find((groups) => groups !== undefined)
  const { name, version } = archive ?? DOCUMENT.exec(path)?.groups ?? {}
  if (name === undefined) return undefined
  if (version === undefined) return { kind: 'metadata', name }
  if (!isSemver(version) || looksLikePackage(version)) return undefined
  return { kind: archive === undefined ? 'metadata' : 'package', name, version }
}

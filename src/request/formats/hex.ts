import { isSemver } from '../../policy/versions/semver.ts'
import { looksLikePackage, withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the files of a Hex repository (Hex, "Endpoints", repository). Its registry is signed: `names` and `versions` name all packages, to
 * everybody. Archives of documentation are files of a package like any.
 */
export const hex: FormatRules = formatRules(createRecognizer('hex', withCompanions(findFile)))

const REGISTRY = /^(?:names|versions)$/
const NAME = /^[a-z][a-z0-9_]*$/
const FILE = /^(?<folder>packages|tarballs|docs)\/(?<file>[^/]+)$/
const ENDS = { tarballs: '.tar', docs: '.tar.gz' } as const

function findFile(path: string): Finding | undefined {
  if (REGISTRY.test(path)) return { kind: 'metadata' }
  if (path === 'public_key') return { kind: 'key' }
  const { folder, file = '' } = FILE.exec(path)?.groups ?? {}
  if (folder === 'packages') return NAME.test(file) ? { kind: 'metadata', name: file } : undefined
  if (folder !== 'tarballs' && folder !== 'docs') return undefined
  return findArchive(file, ENDS[folder])
}

/** No name has a dash. */
function findArchive(file: string, end: string): Finding | undefined {
  const dash = file.indexOf('-')
  const [name, version] = [file.slice(0, Math.max(dash, 0)), file.slice(dash + 1, -end.length)]
  const isArchive = file.endsWith(end) && NAME.test(name) && isSemver(version) && !looksLikePackage(version)
  return isArchive ? { kind: 'package', name, version } : undefined
}

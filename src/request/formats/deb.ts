import { debVersionText } from '../../policy/versions/deb.ts'
import { isKeyFile, withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'
import { isDebIndex } from './deb-index.ts'

/**
 * Recognizes the files of a Debian repository, with suites and a pool or flat (Debian wiki "DebianRepository/Format"; Debian
 * Policy §5.6 for names and versions). Name and version come from the file name: the folder in the pool is the source's name.
 */
export const deb: FormatRules = formatRules(createRecognizer('deb', withCompanions(findFile)))

function findFile(path: string, filename: string): Finding | undefined {
  if (filename === 'Release.gpg') return { kind: 'signature' }
  if (isDebIndex(path, filename)) return { kind: 'metadata' }
  return isKeyFile(filename) ? { kind: 'key' } : findPackageFile(filename)
}

/** Debian Policy §5.6.1 and §5.6.7. */
const NAME = /^[a-z0-9][a-z0-9+.-]+$/
const ARCH = /^[a-z0-9-]+$/
const BINARY = /\.[ud]?deb$/
const UPLOAD = /\.(?:changes|buildinfo)$/
const ARCHIVE = /\.tar\.(?:gz|xz|bz2|lzma|zst)$/
const ORIGIN = /\.(?:orig(?:-[A-Za-z0-9-]+)?|debian)$/

function findPackageFile(filename: string): Finding | undefined {
  const parts = filename.split('_', 4)
  const [name = '', rest = '', last = ''] = parts
  if (!NAME.test(name)) return undefined
  if (parts.length === 2) return findSource(name, rest)
  return parts.length === 3 ? findBuilt(name, rest, last) : undefined
}

/** `NAME_VERSION_ARCH.deb`, and the records of an upload, which are text. */
function findBuilt(name: string, version: string, last: string): Finding | undefined {
  const arch = last.slice(0, last.lastIndexOf('.'))
  if (!ARCH.test(arch)) return undefined
  if (BINARY.test(last)) return { kind: 'package', name, arch, ...versionOf(version) }
  return UPLOAD.test(last) ? { kind: 'metadata', name, arch, ...versionOf(version) } : undefined
}

/**
 * `NAME_VERSION.dsc`, a signed text, and the archives that it lists. The version of an upstream archive (`.orig`) lacks the Debian
 * revision.
 */
function findSource(name: string, rest: string): Finding | undefined {
  const described = withoutEnd(rest, /\.dsc$/)
  if (described !== undefined) return { kind: 'metadata', name, arch: 'source', ...versionOf(described) }
  const archive = withoutEnd(rest, ARCHIVE)
  const version = withoutEnd(rest, /\.diff\.gz$/) ?? (archive && (withoutEnd(archive, ORIGIN) ?? archive))
  return version ? { kind: 'package', name, arch: 'source', ...versionOf(version) } : undefined
}

/** undefined unless `text` ends so and has something before the end. */
function withoutEnd(text: string, end: RegExp): string | undefined {
  const at = text.search(end)
  return at > 0 ? text.slice(0, at) : undefined
}

/** Without an epoch. Nothing for what is no version: `google-chrome-stable_current_amd64.deb`. */
function versionOf(text: string): { version?: string } {
  const version = debVersionText(text)
  return version === undefined ? {} : { version }
}

const RELEASE = /^(?:In)?Release$/
const COMPRESSION = /\.(?:gz|xz|bz2|lzma|lz4|zst)$/
const LISTS = /^(?:Packages|Sources)$/
const CONTENTS = /^Contents(?:-[a-z0-9-]+)?$/
const TRANSLATIONS = /^(?:Translation-[A-Za-z0-9_@-]+|Index)$/
const APPSTREAM = /^(?:Components-[a-z0-9-]+\.yml|CID-Index-[a-z0-9-]+\.json|icons-[0-9x@]+\.tar)$/
const COMMANDS = /^Commands-[a-z0-9-]+$/
const PATCHED = /^(?:Packages|Sources|Contents-[a-z0-9-]+|Translation-[A-Za-z0-9_@-]+)\.diff$/
const PATCH = /^(?:Index|T-[A-Za-z0-9.-]+|[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{4}\.[0-9]{2})$/

/** Names of indexes that are known by the folder they lie in. */
const BY_FOLDER: ReadonlyMap<string, RegExp> = new Map([
  ['i18n', TRANSLATIONS],
  ['dep11', APPSTREAM],
  ['cnf', COMMANDS],
])

/** Hexadecimal digits of a digest, by the name of its folder. */
const DIGESTS: ReadonlyMap<string, number> = new Map([
  ['MD5Sum', 32],
  ['SHA1', 40],
  ['SHA256', 64],
  ['SHA512', 128],
])

/**
 * True for the indexes of a Debian repository: release files, lists, translations and the like, whole, as patches (`.diff/`) or
 * by digest (`by-hash/`). They name all packages: each is vouched for by a digest in the signed
 * release file, so that none can be cut down for a token.
 */
export function isDebIndex(path: string, filename: string): boolean {
  if (RELEASE.test(filename)) return true
  const segments = path.split('/')
  const [parent = '', grandparent = ''] = [segments.at(-2), segments.at(-3)]
  return isByHash(grandparent, parent, filename) || isPlain(parent, filename.replace(COMPRESSION, ''))
}

function isByHash(grandparent: string, parent: string, filename: string): boolean {
  const length = grandparent === 'by-hash' ? DIGESTS.get(parent) : undefined
  return filename.length === length && /^[0-9a-f]+$/.test(filename)
}

function isPlain(parent: string, name: string): boolean {
  if (LISTS.test(name) || CONTENTS.test(name)) return true
  return PATCHED.test(parent) ? PATCH.test(name) : (BY_FOLDER.get(parent)?.test(name) ?? false)
}

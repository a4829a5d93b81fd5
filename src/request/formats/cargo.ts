import { spellCargoName } from '../../policy/cargo-name.ts'
import { COMMON_FORM } from '../../policy/refusal.ts'
import { isSemver } from '../../policy/versions/semver.ts'
import { createRecognizer, formatRules, hasFileEnd, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the paths of a sparse registry (The Cargo Book, "Registry Index"). The index is told by its own folders, `ac/me/acme-tool`, in
 * whatever folder it lies; crates by the two usual forms of `dl`: `NAME/VERSION/download` and `NAME-VERSION.crate`. Names are given in one
 * spelling, because cargo asks for others when it finds nothing.
 */
export const cargo: FormatRules = formatRules(
  createRecognizer('cargo', find, {
    isCalledLikeFile: (path) => hasFileEnd(path) || find(path.toLowerCase())?.kind === 'package',
  }),
  // It prints the whole body, whatever it is.
  { answers: { ...COMMON_FORM, body: 'text' } },
)

/** `cargo new` and crates.io: a letter first; 64 characters at most. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/
const CRATE_END = '.crate'

function find(path: string): Finding | undefined {
  const segments = path.split('/')
  const filename = segments.at(-1) ?? ''
  if (filename === 'config.json') return { kind: 'metadata' }
  if (filename.endsWith(CRATE_END)) return findCrate(filename.slice(0, -CRATE_END.length))
  const downloaded = filename === 'download' ? describe(...segments.slice(-3, -1)) : undefined
  if (downloaded !== undefined) return downloaded
  // What `cargo search` asks.
  if (/(?:^|\/)api\/v1\/crates$/.test(path)) return { kind: 'listing' }
  return isIndexPath(segments) ? { kind: 'metadata', name: spellCargoName(filename) } : undefined
}

/** No name has a dot, so that the version begins behind the last `-` before the first one. */
function findCrate(stem: string): Finding | undefined {
  const dot = stem.indexOf('.')
  const dash = stem.lastIndexOf('-', dot)
  return dot === -1 || dash === -1 ? undefined : describe(stem.slice(0, dash), stem.slice(dash + 1))
}

function describe(name = '', version = ''): Finding | undefined {
  const isKnown = NAME.test(name) && isSemver(version)
  return isKnown ? { kind: 'package', name: spellCargoName(name), version } : undefined
}

/** `1/a`, `2/ab`, `3/a/abc`, `ab/cd/abcdef`: small letters only. */
function isIndexPath(segments: readonly string[]): boolean {
  const name = segments.at(-1) ?? ''
  if (!NAME.test(name) || name !== name.toLowerCase()) return false
  const folders = foldersOf(name)
  return folders.every((folder, index) => segments.at(index - folders.length - 1) === folder)
}

function foldersOf(name: string): readonly string[] {
  if (name.length <= 2) return [String(name.length)]
  return name.length === 3 ? ['3', name.slice(0, 1)] : [name.slice(0, 2), name.slice(2, 4)]
}

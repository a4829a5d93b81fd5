import { COMMON_FORM } from '../../policy/refusal.ts'
import { isCanonicalGoVersion } from '../../policy/versions/go.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'
import { cutLast } from './cut.ts'

/**
 * Recognizes the paths of a Go module proxy (Go Modules Reference, "GOPROXY protocol"). A capital letter is written `!` and its small one;
 * names and versions are given without that. Only the `.zip` of a version is a package. The checksum database that a proxy may pass on lists
 * digests of public modules, and is free.
 */
export const go: FormatRules = formatRules(createRecognizer('go', findFile), {
  // The go command prints nothing else.
  answers: { ...COMMON_FORM, body: 'text' },
})

const DATABASE =
  /^sumdb\/[A-Za-z0-9.-]+\/(?:supported|latest|tile\/[0-9]+\/(?:data|[0-9]+)(?:\/x?[0-9]+)+(?:\.p\/[0-9]+)?)$/

function findFile(path: string, filename: string): Finding | undefined {
  const folder = path.slice(0, Math.max(path.length - filename.length - 1, 0))
  if (filename === '@latest') return describe(folder)
  if (folder.endsWith('/@v')) return findVersion(folder.slice(0, -'/@v'.length), filename)
  return DATABASE.test(path) ? { kind: 'metadata' } : findInDatabase(path)
}

/** `sumdb/NAME/lookup/MODULE@VERSION`. */
function findInDatabase(path: string): Finding | undefined {
  const [, named = ''] = /^sumdb\/[A-Za-z0-9.-]+\/lookup\/(.+)$/.exec(path) ?? []
  return describe(...cutLast(named, '@'))
}

const KINDS: ReadonlyMap<string, Finding['kind']> = new Map([
  ['zip', 'package'],
  ['mod', 'metadata'],
  ['info', 'metadata'],
  // In a folder that was copied from the cache of a go command.
  ['ziphash', 'checksum'],
])

function findVersion(escapedPath: string, filename: string): Finding | undefined {
  if (filename === 'list') return describe(escapedPath)
  const [stem, end] = cutLast(filename, '.')
  const found = describe(escapedPath, stem)
  const kind = KINDS.get(end)
  if (found !== undefined && kind !== undefined) return { ...found, kind }
  // A branch or a tag, of which go wants to know the version.
  return end === 'info' && QUERY.test(stem) ? describe(escapedPath) : undefined
}

const QUERY = /^[A-Za-z0-9!][A-Za-z0-9!._+-]*$/
const SEGMENT = /^[a-z0-9_~](?:[a-z0-9_.~+!-]*[a-z0-9_~+-])?$|^![a-z](?:[a-z0-9_.~+!-]*[a-z0-9_~+-])?$/

/** undefined for what is no module, or no version as paths have it. */
function describe(escapedPath: string, escapedVersion?: string): Finding | undefined {
  const name = escapedPath.split('/').every((segment) => SEGMENT.test(segment))
    ? unescape(escapedPath)
    : undefined
  if (name === undefined) return undefined
  if (escapedVersion === undefined) return { kind: 'metadata', name }
  const version = unescape(escapedVersion)
  return version !== undefined && isCanonicalGoVersion(version)
    ? { kind: 'metadata', name, version }
    : undefined
}

/** undefined where a `!` stands before anything but a small letter, and where a capital letter was not escaped. */
function unescape(escaped: string): string | undefined {
  if (/[A-Z]|!(?![a-z])/.test(escaped)) return undefined
  return escaped.replaceAll(/!([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

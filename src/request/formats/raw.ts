import { companionOf } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes plain files. Each is a package whose name is its path; it has no version. What vouches for a file belongs to it; a list
 * of checksums has a name of its own, its path, because it names other files. A path is unknown where Windows would read it as
 * another: it drops dots and spaces from the end of a segment, and a rule about the file would be passed by.
 */
export const raw: FormatRules = formatRules(createRecognizer('raw', findFile))

function findFile(path: string, filename: string): Finding | undefined {
  if (/[. ](?:\/|$)/.test(path)) return undefined
  if (KEYS.has(filename)) return { kind: 'key' }
  const companion = companionOf(path)
  if (companion === undefined) return describe(path)
  const { kind, base } = companion
  return { kind, name: companionOf(base)?.base ?? base }
}

/** Names that can hardly be anything but a public key. Other keys are files like any. */
const KEYS: ReadonlySet<string> = new Set([
  'KEYS',
  'key.asc',
  'key.gpg',
  'pubkey.asc',
  'pubkey.gpg',
  'public.key',
  'public-key.asc',
  'cosign.pub',
  'minisign.pub',
])
const SUMS = /(?:^|\/)(?:(?:MD5|SHA(?:1|224|256|384|512))SUMS?(?:\.txt)?|[A-Za-z0-9._-]*checksums\.txt)$/

function describe(path: string): Finding {
  return { kind: SUMS.test(path) ? 'checksum' : 'package', name: path }
}

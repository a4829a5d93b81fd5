import { parseRpmVersion } from '../../policy/versions/rpm.ts'
import { isKeyFile, looksLikePackage, withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'
import { cutLast } from './cut.ts'

/**
 * Recognizes the files of an RPM repository as createrepo_c writes it and dnf and zypper read it. Name, version and release are
 * read from the right of `NAME-VERSION-RELEASE.ARCH.rpm`; a package that is called otherwise is unknown.
 */
export const rpm: FormatRules = formatRules(createRecognizer('rpm', withCompanions(findFile)), {
  leavesGate: ({ filename }) => isMirrorList(filename),
})

/** Beside the packages and `repodata`: what installers and zypper look for. */
const MEDIA = /^(?:(?:.*\/)?media\.1\/(?:media|products)|(?:.*\/)?(?:content|\.?treeinfo|\.discinfo))$/
/** No odd character, and none of those at the end that Windows drops: what looks like `x.rpm` to somebody is never free. */
const PLAIN = /^[A-Za-z0-9._+~=-]*[A-Za-z0-9]$/
const MIRRORS = /^(?:mirrorlist|metalink)(?:[.-]|$)|\.(?:mirrorlist|metalink|meta4)$/

/**
 * True for lists of mirrors. They name the storage itself, so that clients would fetch everything from there, past the gate: they
 * are not to be served as they are.
 */
function isMirrorList(filename: string): boolean {
  return MIRRORS.test(filename.toLowerCase()) && !looksLikePackage(filename)
}

function findFile(path: string, filename: string): Finding | undefined {
  if (filename.endsWith('.rpm')) return findPackage(filename.slice(0, -'.rpm'.length))
  if (filename.endsWith('.drpm')) return findDelta(filename.slice(0, -'.drpm'.length))
  if (/\.d?rpm$/i.test(filename)) return undefined
  if (filename === 'repomd.xml.key' || isKeyFile(filename)) return { kind: 'key' }
  const isMetadata = path.split('/').at(-2) === 'repodata' || MEDIA.test(path) || isMirrorList(filename)
  return isMetadata && PLAIN.test(filename) ? { kind: 'metadata' } : undefined
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/
/** SUSE's `NAME-OLD_NEW.ARCH.delta.rpm` and `.patch.rpm` would be taken apart in the wrong places. */
const ARCH = /^(?!(?:delta|patch)$)[A-Za-z0-9_]+$/

/** `stem` is `NAME-VERSION-RELEASE.ARCH`; names contain `-` and `.`, the others do not contain `-`. */
function findPackage(stem: string): Finding | undefined {
  const [rest, arch] = cutLast(stem, '.')
  const [head, release] = cutLast(rest, '-')
  const [name, version] = cutLast(head, '-')
  return describePackage(name, version, release, arch)
}

/** `stem` is `NAME-OLDVERSION-OLDRELEASE_VERSION-RELEASE.ARCH`; with a second `_` it can't be told where the new version begins. */
function findDelta(stem: string): Finding | undefined {
  const [rest, arch] = cutLast(stem, '.')
  const [head, release] = cutLast(rest, '-')
  const [old, middle] = cutLast(head, '-')
  const [name, oldVersion] = cutLast(old, '-')
  const [oldRelease = '', version = '', more] = middle.split('_', 3)
  if (more !== undefined || parseRpmVersion(`${oldVersion}-${oldRelease}`) === undefined) return undefined
  return describePackage(name, version, release, arch)
}

function describePackage(name: string, version: string, release: string, arch: string): Finding | undefined {
  const parsed = parseRpmVersion(`${version}-${release}`)
  if (parsed === undefined || !NAME.test(name) || !ARCH.test(arch)) return undefined
  return { kind: 'package', name, version: parsed.text, arch }
}

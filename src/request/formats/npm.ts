import { COMMON_FORM } from '../../policy/refusal.ts'
import { isSemver } from '../../policy/versions/semver.ts'
import { looksLikePackage } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'
import { findNpmEndpoint } from './npm-endpoint.ts'
import { readNpmName, type NamedPath } from './npm-name.ts'

/**
 * Recognizes the paths of an npm registry (npm/registry, "Public Registry API"). Tarballs are recognized from the path alone, because
 * `npm ci` never asks for the document of a package.
 */
export const npm: FormatRules = formatRules(
  createRecognizer('npm', find, {
    isCalledLikeFile: (path) => looksLikePackage(path) || find(path.toLowerCase())?.kind === 'package',
  }),
  {
    hasScopedNames: true,
    // npm and its kin take the document for one of their registry's.
    answers: { ...COMMON_FORM, body: 'json', notice: 'npm-notice' },
  },
)

function find(path: string): Finding | undefined {
  const segments = path.split('/')
  if (segments[0] === '-') return findNpmEndpoint(segments.slice(1))
  return findDownload(segments) ?? findInPackage(segments)
}

function findInPackage(segments: readonly string[]): Finding | undefined {
  const named = readNpmName(segments)
  if (named === undefined) return undefined
  if (named.rest.length === 0) return { kind: 'metadata', name: named.name }
  return named.rest[0] === '-' ? findTarball(named) : findManifest(named)
}

const TAG = /^[A-Za-z][A-Za-z0-9_-]*$/

/** `NAME/VERSION` or `NAME/TAG`: one version's part of the document. Anything with a dot that is no version may be a file. */
function findManifest({ name, rest }: NamedPath): Finding | undefined {
  const [version = ''] = rest
  if (rest.length > 1) return undefined
  if (isSemver(version)) return { kind: 'metadata', name, version }
  return TAG.test(version) ? { kind: 'metadata', name } : undefined
}

/** `NAME/-/BASE-VERSION.tgz`, in old registries `@scope/BASE/-/@scope/BASE-VERSION.tgz`. Only the package's own name will do. */
function findTarball({ name, scope, base, rest }: NamedPath): Finding | undefined {
  const [file = '', ...more] = rest.slice(scope !== undefined && rest[1] === scope ? 2 : 1)
  const isOwn = more.length === 0 && file.startsWith(`${base}-`) && file.endsWith('.tgz')
  const version = file.slice(base.length + 1, -'.tgz'.length)
  return isOwn && isSemver(version) ? { kind: 'package', name, version } : undefined
}

const DIGEST = /^[0-9a-f]{40,128}$/

/** `download/NAME/VERSION/DIGEST`, as GitHub's registry names its tarballs. */
function findDownload(segments: readonly string[]): Finding | undefined {
  const named = segments[0] === 'download' ? readNpmName(segments.slice(1)) : undefined
  const [version = '', digest = ''] = named?.rest ?? []
  const isDownload = named?.rest.length === 2 && isSemver(version) && DIGEST.test(digest)
  return isDownload ? { kind: 'package', name: named.name, version } : undefined
}

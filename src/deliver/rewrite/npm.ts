import type { Artifact } from '../../policy/types.ts'
import { isSemver } from '../../policy/versions/semver.ts'
import type { DeliveryOrder } from '../contract.ts'
import { encodePath } from '../encode-path.ts'
import { filterManifest, filterPackument, filterTags, type KeepVersion } from './npm-filter.ts'
import type { Rewriter } from './rewriting.ts'
import { decodePath, NOWHERE, pathBelow } from './storage-url.ts'
import { replaceTarballs } from './tarball-values.ts'

/**
 * Makes the documents of an npm registry name their tarballs below the client's own way in: anywhere else npm would send no
 * credentials, and the gate would not be asked. `base` is the URL of the storage, with a slash at its end; undefined for one that has
 * none, such as a folder.
 */
export function createNpmRewriter(base: URL | undefined): Rewriter {
  return {
    concerns: ({ artifact: { format, kind, name } }) =>
      format === 'npm' && kind === 'metadata' && name !== undefined,
    rewrite: async (document, order) => {
      const pathOf = (value: string): string | undefined => tarballPath(value, order.artifact, base)
      const filtered = await filter(document, order, pathOf)
      return (
        filtered &&
        replaceTarballs(filtered, (value) => {
          const path = pathOf(value)
          return path === undefined ? undefined : order.baseUrl + encodePath(path)
        })
      )
    },
  }
}

/** A version is judged by where its tarball lies; one that has none on the web, as if it lay where registries have it. */
async function filter(
  document: Buffer,
  { artifact, includes }: DeliveryOrder,
  pathOf: (tarball: string) => string | undefined,
): Promise<Buffer | undefined> {
  if (includes === undefined) return document
  const { name = '', path } = artifact
  const usual = (version: string): string => `${name}/-/${baseName(name)}-${version}.tgz`
  const keep: KeepVersion = (version, tarball) =>
    includes((tarball === undefined ? undefined : pathOf(tarball)) ?? usual(version))
  if (path === name) return filterPackument(document, keep)
  const isTags = path.startsWith('-/package/')
  if (isTags) return filterTags(document, (version) => keep(version, undefined))
  // Attestations were judged by the version in their path.
  return path.startsWith('-/') ? document : filterManifest(document, keep)
}

function baseName(name: string): string {
  return name.slice(name.indexOf('/') + 1)
}

const ABSOLUTE = /^(?:https?:)?\/\/|^\//i

/**
 * Path below the repository of the tarball that the storage has at `value`; undefined when that is no URL of the web. A place
 * below the storage keeps its path. On another host (the public name of a storage that is asked by an inner one, a CDN) the part that
 * registries have in common is kept, or built anew from the package's name and what tells the version. Where nothing does, the path
 * leads to nothing rather than around the gate.
 */
function tarballPath(value: string, artifact: Artifact, base: URL | undefined): string | undefined {
  const beside = base ?? NOWHERE
  if (!ABSOLUTE.test(value) || !URL.canParse(value, beside.href)) return undefined
  const url = new URL(value, beside)
  return pathBelow(url, base) ?? foreignPath(url.pathname, artifact)
}

function foreignPath(pathname: string, { name = '', version }: Artifact): string {
  const path = decodePath(pathname)
  const own = baseName(name)
  const file = path.slice(path.lastIndexOf('/') + 1)
  const shared = tail(path, `/${name}/-/`) ?? tail(path, `/download/${name}/`)
  if (shared !== undefined) return shared
  const isNamed = isTarballOf(own, file) || version === undefined
  return `${name}/-/${isNamed ? file : `${own}-${version}.tgz`}`
}

/** What follows the first slash of `part` in `path`. */
function tail(path: string, part: string): string | undefined {
  const at = path.lastIndexOf(part)
  return at === -1 ? undefined : path.slice(at + 1)
}

function isTarballOf(own: string, file: string): boolean {
  return file.startsWith(`${own}-`) && file.endsWith('.tgz') && isSemver(file.slice(own.length + 1, -4))
}

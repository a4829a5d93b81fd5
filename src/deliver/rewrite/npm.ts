import { isSemver } from '../../policy/versions/semver.ts'
import type { Artifact } from '../../policy/types.ts'
import type { Deliverer, DeliveryOrder } from '../contract.ts'
import { encodePath } from '../encode-path.ts'
import { createRewritingDeliverer, type Rewriter } from './rewriting.ts'
import { replaceTarballs } from './tarball-values.ts'

export interface NpmRewriteOptions {
  /** Base URL of the storage, ends in a slash; undefined for a storage that has none, such as a folder. */
  readonly upstreamUrl: string | undefined
  /** Largest document. A packument with thousands of versions has some 20 MB. */
  readonly limitBytes?: number
  /** Told why a document could not be rewritten; the client is not. */
  readonly onFailure: (error: Error) => void
}

const LIMIT_BYTES = 64 * 1024 * 1024

/**
 * Makes the documents of an npm registry name their tarballs below the client's own way in: anywhere else npm would send no
 * credentials, and the gate would not be asked.
 */
export function rewriteNpm(inner: Deliverer, options: NpmRewriteOptions): Deliverer {
  const { upstreamUrl, limitBytes = LIMIT_BYTES, onFailure } = options
  const base = upstreamUrl === undefined ? undefined : new URL(upstreamUrl)
  return createRewritingDeliverer(inner, createNpmRewriter(base), { limitBytes, onFailure })
}

function createNpmRewriter(base: URL | undefined): Rewriter {
  return {
    concerns: ({ format, kind, name }) => format === 'npm' && kind === 'metadata' && name !== undefined,
    rewrite: (document, order) =>
      replaceTarballs(document, (value) => {
        const path = tarballPath(value, order, base)
        return path === undefined ? undefined : order.baseUrl + path
      }),
  }
}

const ABSOLUTE = /^(?:https?:)?\/\/|^\//i
/** Stands for a storage without URLs; nothing lies below it. */
const NOWHERE = new URL('http://nowhere.invalid/')

/**
 * Path below the repository, encoded, of the tarball that the storage has at `value`; undefined when that is no URL of the web. A place
 * below the storage keeps its path. On another host (the public name of a storage that is asked by an inner one, a CDN) the part that
 * registries have in common is kept, or built anew from the package's name and what tells the version. Where nothing does, the path
 * leads to nothing rather than around the gate.
 */
function tarballPath(value: string, { artifact }: DeliveryOrder, base: URL | undefined): string | undefined {
  const beside = base ?? NOWHERE
  if (!ABSOLUTE.test(value) || !URL.canParse(value, beside.href)) return undefined
  const { origin, pathname } = new URL(value, beside)
  const isBelow = base !== undefined && origin === base.origin && pathname.startsWith(base.pathname)
  const path = isBelow ? decodePath(pathname.slice(base.pathname.length)) : foreignPath(pathname, artifact)
  return encodePath(path)
}

function foreignPath(pathname: string, { name = '', version }: Artifact): string {
  const path = decodePath(pathname)
  const own = name.slice(name.indexOf('/') + 1)
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

/** URLs may hold escapes that mean nothing; those stay. */
function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}

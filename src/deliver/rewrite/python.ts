import type { Artifact } from '../../policy/types.ts'
import type { DeliveryOrder } from '../contract.ts'
import { encodePath } from '../encode-path.ts'
import type { RewriteLink } from './links.ts'
import { rewritePythonJson } from './python-json.ts'
import { rewritePythonPage } from './python-page.ts'
import type { Rewriter } from './rewriting.ts'
import { decodePath, NOWHERE, pathBelow } from './storage-url.ts'

/**
 * Makes the pages of a Python repository (PEP 503, in JSON PEP 691) name files below the client's own way in, and only those that it may
 * fetch. Hashes and all that is said of a file stay. `base` is the URL of the storage, with a slash at its end; undefined for a folder.
 */
export function createPythonRewriter(base: URL | undefined): Rewriter {
  return {
    concerns: ({ artifact }) => artifact.format === 'python' && isPage(artifact),
    rewrite: async (document, order) => {
      let refused = 0
      const rewriteLink = createRewriteLink(base, order, () => refused++)
      // The form of a page is told by its first sign: whoever takes it for the other can't read it.
      const isJson = /^\s*\{/.test(document.toString('latin1', 0, 64))
      const page = await (isJson ? rewritePythonJson : rewritePythonPage)(document, rewriteLink)
      return page.files === 0 && refused > 0 ? undefined : page.content
    },
  }
}

/** The page of a project, or the list of all. */
function isPage({ kind, name, version, path }: Artifact): boolean {
  if (kind === 'metadata') return name !== undefined && version === undefined
  return kind === 'listing' && /(?:^|\/)\+?simple\/?$/.test(path)
}

/**
 * A link to below the storage keeps its path. On another host (the public name of a storage that is asked by an inner one, a CDN) what
 * repositories have in common is kept; it may lead to nothing, but never around the gate.
 */
function createRewriteLink(
  base: URL | undefined,
  { artifact, baseUrl, includes }: DeliveryOrder,
  onRefused: () => void,
): RewriteLink {
  const root = base ?? NOWHERE
  const page = new URL(root.pathname + encodePath(artifact.path), root).href
  return (link) => {
    const url = URL.parse(link, page)
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined
    const path = pathBelow(url, root) ?? foreignPath(url.pathname, root)
    if (includes === undefined || includes(path)) return baseUrl + encodePath(path) + url.hash
    return void onRefused()
  }
}

function foreignPath(pathname: string, root: URL): string {
  const at = pathname.lastIndexOf('/packages/')
  if (at !== -1) return decodePath(pathname.slice(at + 1))
  const isAlike = pathname.startsWith(root.pathname)
  return decodePath(pathname.slice(isAlike ? root.pathname.length : 1))
}

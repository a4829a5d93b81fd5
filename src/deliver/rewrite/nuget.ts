import type { DeliveryOrder } from '../contract.ts'
import { encodePath } from '../encode-path.ts'
import { rewriteNugetFeed } from './nuget-feed.ts'
import { rewriteNugetJson, type NugetLinks } from './nuget-json.ts'
import { placeOfLink } from './place.ts'
import type { Rewriter } from './rewriting.ts'

/**
 * Makes the documents of a NuGet server lead to the gate, and name only versions that the client may fetch. `base` is the URL of the storage,
 * with a slash at its end; undefined for a folder.
 */
export function createNugetRewriter(base: URL | undefined): Rewriter {
  return {
    concerns: ({ artifact: { format, kind, path } }) =>
      format === 'nuget' &&
      (kind === 'listing' || kind === 'metadata') &&
      (isFeed(path) ? !BARE.test(path) : DOCUMENT.test(path)),
    rewrite: async (document, order) => {
      const links = linksFor(order, base)
      if (isFeed(order.artifact.path)) return rewriteNugetFeed(document, links.toGate)
      const { content, isEmpty } = await rewriteNugetJson(document, links)
      // A page of which nothing is left is one of several.
      return isEmpty && !order.artifact.path.includes('/page/') ? undefined : content
    },
  }
}

function isFeed(path: string): boolean {
  return /^(?:api\/)?v2(?:\/|$)/.test(path)
}

/** Not the page of a folder, and nothing that describes a package to people. */
const DOCUMENT = /\.json$|(?:^|\/)(?:query|search|autocomplete)$/
/** What names no URLs: the schema, numbers, words for completion. */
const BARE = /\/(?:\$metadata|\$count|package-ids|package-versions\/[^/]+)$/

function linksFor(order: DeliveryOrder, base: URL | undefined): NugetLinks {
  const { artifact, baseUrl, includes } = order
  const { name: id = '', path } = artifact
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const placeOf = (link: string): string | undefined => placeOfLink(link, path, base)
  return {
    toGate: (link) => {
      const place = placeOf(link)
      return place === undefined ? undefined : baseUrl + encodePath(place)
    },
    keeps: (version, content) => {
      if (includes === undefined) return true
      // Packages lie beside their own list, and nobody says where else.
      const usual = `${folder}${version}/${id}.${version}.nupkg`.toLowerCase()
      return includes((content === undefined ? undefined : placeOf(content)) ?? usual)
    },
  }
}

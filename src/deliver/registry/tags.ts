import { readObject } from './manifest.ts'

/** Words of a query that clients and registries turn the pages of a list with, or choose among referrers; no others are passed on. */
const KNOWN_WORDS: ReadonlySet<string> = new Set(['n', 'last', 'next_page', 'artifactType'])
const NEXT = /<([^<>]*)>\s*;[^,<]*\brel="?next"?/i

/** The tags in a page of a list; undefined: it is none. */
export function readTags(content: Buffer): string[] | undefined {
  const document = readObject(content)
  const tags = document?.['tags'] ?? []
  const isList = document !== undefined && Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')
  return isList ? tags : undefined
}

/** The query of the page after this one, by the Link header (RFC 8288); undefined: it was the last. */
export function readNextQuery(link: string | undefined): string | undefined {
  const target = NEXT.exec(link ?? '')?.[1]
  if (target === undefined || !URL.canParse(target, 'http://registry.invalid')) return undefined
  const query = knownQuery(new URL(target, 'http://registry.invalid').search)
  return query === '' ? undefined : query
}

/** Of a query, what the storage may see, encoded anew. */
export function knownQuery(query: string): string {
  const known = Array.from(new URLSearchParams(query)).filter(([word]) => KNOWN_WORDS.has(word))
  return new URLSearchParams(known).toString()
}

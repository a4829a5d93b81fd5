import { LRUCache } from 'lru-cache'

/**
 * The tag by which each digest was asked for last, as far as this process saw it. Most clients ask for the tag and then for digests. It tells
 * reports of a version, and where to look first; it decides nothing.
 */
export interface SeenTags {
  /** Notes digests that a tag leads to. */
  readonly note: (image: string, tag: string, digests: readonly string[]) => void
  readonly find: (image: string, digest: string) => string | undefined
}

export function createSeenTags(most: number): SeenTags {
  const tags = new LRUCache<string, string>({ max: most })
  return {
    note: (image, tag, digests) => {
      for (const digest of digests) tags.set(`${image} ${digest}`, tag)
    },
    find: (image, digest) => tags.get(`${image} ${digest}`),
  }
}

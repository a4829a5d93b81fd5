import { LRUCache } from 'lru-cache'
import { DIGEST } from './manifest.ts'

/**
 * The tag by which each digest was asked for last, as far as this process saw it. Most clients ask for the tag and then for digests, and reports
 * are to name a version. It decides nothing.
 */
export interface SeenTags {
  /** Notes digests that `reference` leads to; nothing, if it is no tag. */
  readonly note: (image: string, reference: string, digests: readonly string[]) => void
  readonly find: (image: string, digest: string) => string | undefined
}

export function createSeenTags(most: number): SeenTags {
  const tags = new LRUCache<string, string>({ max: most })
  return {
    note: (image, reference, digests) => {
      if (DIGEST.test(reference)) return
      for (const digest of digests) tags.set(`${image} ${digest}`, reference)
    },
    find: (image, digest) => tags.get(`${image} ${digest}`),
  }
}

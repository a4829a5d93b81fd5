import { LRUCache } from 'lru-cache'
import { subjectOfTag } from '../../policy/attached-tag.ts'
import type { DeliveryOrder } from '../contract.ts'
import type { Images } from './images.ts'

/** What is to be proved: that the client may fetch what lies at a digest of an image. */
interface Claim {
  readonly image: string
  readonly digest: string
  /** A tag that may well lead there. undefined: nobody knows. */
  readonly likelyTag: string | undefined
  /** Judges a path, such as that of a tag. */
  readonly includes: (path: string) => boolean
  readonly onGone: DeliveryOrder['onGone']
}

/**
 * What was read so long ago may still prove something: a tag that is moved or deleted takes its image away with this delay. It
 * is the storage's image all the same, and was this token's.
 */
const BELIEVED_MS = 60_000
/** What was read longer ago disproves nothing: somebody may just have pushed. */
const CURRENT_MS = 2_000
/**
 * When all was asked for in vain, it is not asked for again for so many times as long as that took: whoever guesses digests of an image with
 * thousands of tags keeps the storage busy for a small part of the time.
 */
const REST = 10
/** Images that are remembered for it. */
const MOST_IMAGES = 1_000
const AT_ONCE = 8
/** Indexes of indexes. */
const DEEPEST = 3

/**
 * Proves a claim, or fails to: true when a tag that the client may fetch leads to the digest, by way of indexes, manifests, and what is
 * attached to these (signatures, attestations). Rejects with an UntoldError when the storage does not answer.
 */
export type IsReachable = (claim: Claim) => Promise<boolean>

/** Finds it out at the storage, so that every process of the gate comes to the same result, also after a restart. `monotonic`: ms. */
export function createReach(
  images: Images,
  { monotonic }: { readonly monotonic: () => number },
): IsReachable {
  const askings = new LRUCache<string, Asking>({ max: MOST_IMAGES })
  /** Asks for everything anew, unless that is its rest. Who comes meanwhile shares what is being asked. */
  const findAnew = async (image: string, find: (mostAgeMs: number) => Promise<boolean>): Promise<boolean> => {
    const [now, last] = [monotonic(), askings.get(image)]
    if (last !== undefined && last.restsUntil !== null && now < last.restsUntil) return false
    const since = last?.restsUntil === null ? last.since : now
    askings.set(image, { since, restsUntil: null })
    let isFound = false
    try {
      isFound = await find(Math.max(CURRENT_MS, now - since))
      return isFound
    } finally {
      const end = monotonic()
      const rest = isFound ? 0 : Math.min(REST * (end - since), BELIEVED_MS)
      askings.set(image, { since, restsUntil: end + rest })
    }
  }
  return async (claim) => {
    let isGone = false
    claim.onGone(() => {
      isGone = true
    })
    const find = async (mostAgeMs: number): Promise<boolean> => {
      const search = createSearch(images, claim, mostAgeMs, () => isGone)
      return (await search.amongTags()) || search.amongAttached()
    }
    return (await find(BELIEVED_MS)) || findAnew(claim.image, find)
  }
}

/** Since when all of an image is asked for anew, and until when that is not done again; null: it is being asked. */
interface Asking {
  readonly since: number
  readonly restsUntil: number | null
}

function createSearch(images: Images, claim: Claim, mostAgeMs: number, isGone: () => boolean) {
  const { image, digest, likelyTag, includes } = claim
  const leadsTo = async (root: string | undefined): Promise<boolean> =>
    root !== undefined && contains(images, image, root, digest, DEEPEST)
  const digestOf = (tag: string): Promise<string | undefined> => images.digest(image, tag, mostAgeMs)

  const allTags = (): Promise<readonly string[]> => images.tags(image, mostAgeMs)
  const rootTags = async (): Promise<readonly string[]> => {
    const tags = await allTags()
    return tags.filter((tag) => subjectOfTag(tag) === undefined && includes(`${image}/manifests/${tag}`))
  }
  const amongTags = async (): Promise<boolean> => {
    const roots = await rootTags()
    const isNear = (tag: string): boolean => images.isKnown(image, tag, mostAgeMs)
    const groups = Object.groupBy(roots, (tag) =>
      tag === likelyTag ? 'likely' : isNear(tag) ? 'near' : 'far',
    )
    const { likely = [], near = [], far = [] } = groups
    const holds = async (tag: string): Promise<boolean> => leadsTo(await digestOf(tag))
    // Many lists are sorted, and most clients want one of the newest.
    return (await some(likely, holds)) || (await some(near, holds)) || some(far.toReversed(), holds)
  }
  const amongAttached = async (): Promise<boolean> => {
    const [tags, roots] = [await allTags(), await rootTags()]
    const subjects = new Set<string>()
    await some(roots, async (tag) => {
      const root = await digestOf(tag)
      if (root !== undefined) await collectManifests(images, image, root, DEEPEST, subjects)
      return false
    })
    const isAbout = (tag: string): boolean => subjects.has(subjectOfTag(tag) ?? '')
    if (await some(tags.filter(isAbout), async (tag) => leadsTo(await digestOf(tag)))) return true
    return some([...subjects], async (subject) => {
      const attached = await images.referrers(image, subject, mostAgeMs)
      return some(attached, leadsTo)
    })
  }
  /** Some at once, the rest only when none of them holds, and while somebody waits. */
  const some = async <Each>(
    list: readonly Each[],
    holds: (each: Each) => Promise<boolean>,
  ): Promise<boolean> => {
    for (let at = 0; at < list.length && !isGone(); at += AT_ONCE) {
      const found = await Promise.all(list.slice(at, at + AT_ONCE).map(holds))
      if (found.includes(true)) return true
    }
    return false
  }
  return { amongTags, amongAttached }
}

async function contains(
  images: Images,
  image: string,
  root: string,
  digest: string,
  depth: number,
): Promise<boolean> {
  if (root === digest) return true
  const manifest = await images.manifest(image, root)
  if (manifest === undefined) return false
  if (manifest.blobs.includes(digest) || manifest.children.includes(digest)) return true
  if (depth === 0) return false
  for (const child of manifest.children)
    if (await contains(images, image, child, digest, depth - 1)) return true
  return false
}

/** Adds a manifest and all that it lists to `found`. */
async function collectManifests(
  images: Images,
  image: string,
  root: string,
  depth: number,
  found: Set<string>,
): Promise<void> {
  found.add(root)
  const children = depth === 0 ? [] : ((await images.manifest(image, root))?.children ?? [])
  for (const child of children) await collectManifests(images, image, child, depth - 1, found)
}

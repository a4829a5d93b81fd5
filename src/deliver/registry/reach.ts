import { subjectOfTag } from '../../policy/attached-tag.ts'
import type { DeliveryOrder } from '../contract.ts'
import type { Images } from './images.ts'

/** What is to be proved: that the client may fetch what lies at a digest of an image. */
export interface Claim {
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
const AT_ONCE = 8
/** Indexes of indexes. */
const DEEPEST = 3

/**
 * Proves a claim, or fails to: true when a tag that the client may fetch leads to the digest, by way of indexes, manifests, and what is
 * attached to these (signatures, attestations). It is found out at the storage, so that every process of the gate comes to the same
 * result, also after a restart. Rejects with an UntoldError when the storage does not answer.
 */
export async function isReachable(images: Images, claim: Claim): Promise<boolean> {
  let isGone = false
  claim.onGone(() => {
    isGone = true
  })
  for (const mostAgeMs of [BELIEVED_MS, CURRENT_MS]) {
    const search = createSearch(images, claim, mostAgeMs, () => isGone)
    if ((await search.amongTags()) || (await search.amongAttached())) return true
  }
  return false
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

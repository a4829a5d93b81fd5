import { createHash } from 'node:crypto'
import type { Deliverer } from '../contract.ts'
import { valueOf } from '../header-list.ts'
import { ask, read, UntoldError } from './ask.ts'
import { DIGEST, MANIFEST_TYPES, parseManifest, type Manifest } from './manifest.ts'
import { createMemo } from './memo.ts'
import { readNextQuery, readTags } from './tags.ts'

/** What the storage says of its images. Everything rejects with an UntoldError when it does not answer. */
export interface Images {
  /** All tags of an image. */
  readonly tags: (image: string, mostAgeMs: number) => Promise<readonly string[]>
  /** The digest of the manifest that a tag stands for; undefined: there is no such tag. */
  readonly digest: (image: string, tag: string, mostAgeMs: number) => Promise<string | undefined>
  /** True when `digest` has it at hand. */
  readonly isKnown: (image: string, tag: string, mostAgeMs: number) => boolean
  /** undefined: the image has no such manifest, or it is none. */
  readonly manifest: (image: string, digest: string) => Promise<Manifest | undefined>
  /** Digests of the manifests that say of themselves that they speak of this one. Empty where the storage has no list of them. */
  readonly referrers: (image: string, digest: string, mostAgeMs: number) => Promise<readonly string[]>
}

interface ImagesOptions {
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
}

const MOST_PAGES = 200
const MOST_TAGS = 20_000
const PAGE = 'n=1000'
/** Bounds the memory of each repository: about 100 bytes each. */
const MOST_REMEMBERED = 100_000
const MISSING_MS = 2_000
/** So long nobody asks a storage again for lists of referrers that said that it has none. */
const WITHOUT_REFERRERS_MS = 600_000

export function createImages(storage: Deliverer, { monotonic }: ImagesOptions): Images {
  const limits = { mostWeight: MOST_REMEMBERED, monotonic }
  const tags = createMemo({
    ...limits,
    ask: (image) => askTags(storage, image),
    weigh: (list) => list.length,
  })
  const digests = createMemo({
    ...limits,
    ask: (place) => askDigest(storage, ...cut(place)),
    weigh: () => 0,
  })
  const manifests = createMemo({
    ...limits,
    ask: (place) => askManifest(storage, ...cut(place)),
    weigh: (manifest) => (manifest?.children.length ?? 0) + (manifest?.blobs.length ?? 0),
  })
  let withoutReferrersUntil = -Infinity
  const referrers = createMemo({
    ...limits,
    ask: async (place) => {
      const found = await askReferrers(storage, ...cut(place))
      if (found === undefined) withoutReferrersUntil = monotonic() + WITHOUT_REFERRERS_MS
      return found ?? []
    },
    weigh: (list) => list.length,
  })
  return {
    tags: tags.get,
    digest: (image, tag, mostAgeMs) => digests.get(`${image} ${tag}`, mostAgeMs),
    isKnown: (image, tag, mostAgeMs) => digests.has(`${image} ${tag}`, mostAgeMs),
    // What a digest stands for never changes. It may come to be there.
    manifest: async (image, digest) => {
      const place = `${image} ${digest}`
      return (await manifests.get(place, Infinity)) ?? manifests.get(place, MISSING_MS)
    },
    referrers: async (image, digest, mostAgeMs) =>
      monotonic() < withoutReferrersUntil ? [] : referrers.get(`${image} ${digest}`, mostAgeMs),
  }
}

/** Neither names nor references have a space. */
function cut(place: string): [image: string, reference: string] {
  const at = place.indexOf(' ')
  return [place.slice(0, at), place.slice(at + 1)]
}

async function askTags(storage: Deliverer, image: string): Promise<string[]> {
  const tags: string[] = []
  let query: string | undefined = PAGE
  for (let page = 1; query !== undefined; page++) {
    if (page > MOST_PAGES || tags.length > MOST_TAGS)
      throw new UntoldError(`${image} has more than ${MOST_TAGS} tags, which is too much to look through`)
    const opened = await ask(storage, { image, path: 'tags/list', query, accept: 'application/json' })
    if (opened === undefined) return tags
    const found = readTags(await read(opened))
    if (found === undefined) throw new UntoldError(`the storage's list of the tags of ${image} is none`)
    tags.push(...found)
    query = readNextQuery(valueOf(opened.headers, 'link'))
  }
  return tags
}

async function askDigest(storage: Deliverer, image: string, tag: string): Promise<string | undefined> {
  const question = { image, path: `manifests/${tag}`, accept: MANIFEST_TYPES }
  const told = await ask(storage, { ...question, method: 'HEAD' })
  const digest = told && valueOf(told.headers, 'docker-content-digest')
  if (told === undefined || (digest !== undefined && DIGEST.test(digest))) return digest
  const opened = await ask(storage, question)
  return opened && digestOf(await read(opened))
}

async function askManifest(storage: Deliverer, image: string, digest: string): Promise<Manifest | undefined> {
  const opened = await ask(storage, { image, path: `manifests/${digest}`, accept: MANIFEST_TYPES })
  if (opened === undefined) return undefined
  const content = await read(opened)
  const [algorithm] = digest.split(':', 1)
  if (digestOf(content, algorithm) !== digest)
    throw new UntoldError(`the storage gave something else than ${digest} of ${image}`)
  return parseManifest(content)
}

/** undefined: the storage keeps no such lists; where it does, it has an empty one for everything (OCI distribution, "Listing Referrers"). */
async function askReferrers(
  storage: Deliverer,
  image: string,
  digest: string,
): Promise<readonly string[] | undefined> {
  const opened = await ask(storage, { image, path: `referrers/${digest}`, accept: MANIFEST_TYPES })
  return opened && (parseManifest(await read(opened))?.children ?? [])
}

/** The digest of some bytes, as registries write it. */
export function digestOf(content: Buffer, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`
}

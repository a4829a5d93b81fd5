import { subjectOfTag } from '../../policy/attached-tag.ts'
import { refuse, type Refusal } from '../../policy/refusal.ts'
import { createBufferBody } from '../buffer-body.ts'
import type { Answer, Body, Deliverer, DeliveryOrder, Opened } from '../contract.ts'
import { pickHeaders, valueOf } from '../header-list.ts'
import { collect, tooLarge } from '../rewrite/collect.ts'
import type { Room } from '../rewrite/room.ts'
import { LARGEST_DOCUMENT, UntoldError } from './ask.ts'
import { listOrder, nextLink } from './list-order.ts'
import { createImages, digestOf } from './images.ts'
import { DIGEST, kindOfType, MANIFEST_TYPES, parseManifest } from './manifest.ts'
import { createReach, type IsReachable } from './reach.ts'
import { createSeenTags, type SeenTags } from './seen-tags.ts'
import { answerTags } from './tag-list.ts'

export interface RegistryOptions {
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
  /** Shared by all that read whole documents. */
  readonly room: Room
  /** Told why the storage's answer is of no use; the client is not. */
  readonly onFailure: (error: Error) => void
}

interface Registry extends RegistryOptions {
  readonly storage: Deliverer
  readonly isReachable: IsReachable
  readonly seenTags: SeenTags
}

/** What is asked of an image. */
interface Request {
  readonly image: string
  readonly endpoint: string
  /** A tag, a digest, or `list`. */
  readonly reference: string
}

/**
 * Delivers from a registry of images (OCI distribution), whose paths below `/v2/` are those of the orders. What the recognizer of paths can't
 * know is found out here: what a manifest is, so that an image is charged and an index of images is not; and whether a digest belongs to what
 * the client may fetch (reach.ts), where that is less than the whole image. Lists of tags name only what the client may fetch. Nothing but the
 * API for reading images is passed on. A token that covers the whole of an image sees whatever the storage gives under that image's name.
 */
export function createRegistryDeliverer(storage: Deliverer, options: RegistryOptions): Deliverer {
  const registry = {
    ...options,
    storage,
    isReachable: createReach(createImages(storage, options), options),
    seenTags: createSeenTags(MOST_SEEN_TAGS),
  }
  return { open: (order) => open(registry, order), close: storage.close }
}

const MOST_SEEN_TAGS = 50_000

async function open(registry: Registry, order: DeliveryOrder): Promise<Answer> {
  const request = readRequest(order)
  if (request === undefined) return refuse('not_found')
  try {
    const refusal = await judge(registry, order, request)
    return refusal ?? (await openEndpoint(registry, order, request))
  } catch (error) {
    registry.onFailure(error instanceof Error ? error : new Error(String(error)))
    return error instanceof UntoldError ? error.refusal : refuse('upstream_failed')
  }
}

function readRequest({ artifact: { name, path, kind } }: DeliveryOrder): Request | undefined {
  if (name === undefined || kind === 'unknown') return undefined
  const [endpoint = '', reference = ''] = path.slice(name.length + 1).split('/')
  return { image: name, endpoint, reference }
}

/** Of a tag, the path told all that there is to judge, unless it is the name of something that is attached to a digest. */
function digestToProve({ reference }: Request): string | undefined {
  return DIGEST.test(reference) ? reference : subjectOfTag(reference)
}

async function judge(
  { isReachable, seenTags }: Registry,
  order: DeliveryOrder,
  request: Request,
): Promise<Refusal | undefined> {
  const { includes, onGone } = order
  const { image } = request
  const digest = digestToProve(request)
  if (digest === undefined || includes === undefined || order.includesAllVersions()) return undefined
  const likelyTag = seenTags.find(image, digest)
  const isIncluded = await isReachable({ image, digest, likelyTag, includes, onGone })
  return isIncluded ? undefined : refuse('package_not_covered')
}

async function openEndpoint(registry: Registry, order: DeliveryOrder, request: Request): Promise<Answer> {
  const { storage } = registry
  switch (request.endpoint) {
    case 'manifests':
      return openManifest(registry, order, request)
    case 'tags':
      return answerTags(storage, order, request.image)
    case 'referrers':
      return openReferrers(storage, order)
    default:
      return missing(await storage.open(order), 'blob')
  }
}

async function openReferrers(storage: Deliverer, order: DeliveryOrder): Promise<Answer> {
  const opened = await storage.open(listOrder(order))
  if (!opened.ok) return missing(opened, 'manifest')
  const headers = pickHeaders(opened.headers, (name) => name !== 'link')
  return { ...opened, headers: [...headers, ...nextLink(order, opened)] }
}

/** Clients tell by the code of an error whether they may go on without: without a signature, say. */
function missing(answer: Answer, what: 'manifest' | 'blob'): Answer {
  return !answer.ok && answer.code === 'not_found' ? refuse('not_found', { missing: what }) : answer
}

/** A manifest is read whole: what it is decides what it costs. */
async function openManifest(registry: Registry, order: DeliveryOrder, request: Request): Promise<Answer> {
  const { range: _, 'if-range': __, ...headers } = order.headers
  const opened = await registry.storage.open({
    ...order,
    // Whoever names no form takes any; registries would take it for the oldest one.
    headers: { accept: MANIFEST_TYPES, ...headers, 'accept-encoding': 'identity' },
  })
  if (!opened.ok) return missing(opened, 'manifest')
  const { body } = opened
  if (body !== null) return takeManifest(registry, order, request, opened, body)
  const digest = valueOf(opened.headers, 'docker-content-digest')
  const { version } = order.artifact
  if (digest !== undefined && version !== undefined) registry.seenTags.note(request.image, version, [digest])
  const kind = kindOfType(valueOf(opened.headers, 'content-type'))
  return { ...opened, found: { kind, path: order.artifact.path } }
}

async function takeManifest(
  { room, seenTags }: Registry,
  { artifact, onGone }: DeliveryOrder,
  { image }: Request,
  opened: Opened,
  body: Body,
): Promise<Answer> {
  const bytes = opened.extent.size ?? LARGEST_DOCUMENT
  const leave = bytes > LARGEST_DOCUMENT ? undefined : await room.take(bytes, onGone)
  if (leave === undefined) {
    body.discard()
    if (bytes > LARGEST_DOCUMENT) throw tooLarge(LARGEST_DOCUMENT)
    return refuse('upstream_failed')
  }
  const content = await collect(body, LARGEST_DOCUMENT).finally(leave)
  if (content === undefined) return refuse('upstream_failed')
  const size = content.length
  const manifest = parseManifest(content)
  // Of what can't be read nobody knows that it is free.
  const kind = artifact.kind === 'signature' ? 'signature' : (manifest?.kind ?? 'package')
  const digest = digestOf(content)
  const version = artifact.version ?? seenTags.find(image, digest)
  if (version !== undefined)
    seenTags.note(image, version, [digest, ...(manifest?.children ?? []), ...(manifest?.blobs ?? [])])
  return {
    ...opened,
    headers: [
      ...pickHeaders(opened.headers, (name) => name !== 'content-length'),
      'content-length',
      `${size}`,
    ],
    extent: { start: 0, end: size, size },
    body: createBufferBody(content, onGone),
    // By whatever tag or digest it was asked for.
    found: { kind, path: `${image}/manifests/${digest}`, ...(version === undefined ? {} : { version }) },
  }
}

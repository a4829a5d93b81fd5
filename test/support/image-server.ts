import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { digestOf, type Content } from './image.ts'

/** A small registry that can be made to behave as others do, or to fail. */
export interface ImageServer extends AsyncDisposable {
  /** No trailing slash. */
  readonly url: string
  /** `METHOD path` of each request so far. */
  readonly asked: () => readonly string[]
  readonly forget: () => void
  /** Puts a manifest, its blobs and all below it into an image. */
  readonly put: (image: string, content: Content, ...tags: readonly string[]) => void
  readonly untag: (image: string, tag: string) => void
  readonly behavior: Behavior
}

interface Behavior {
  /** Tags in a page of a list, whatever was asked. */
  pageSize: number
  /** undefined: there is no API of referrers. By digest. */
  referrers: Map<string, Content[]> | undefined
  /** Where blobs are. undefined: here. */
  blobsAt: string | undefined
  /** Answers with this status. undefined: as it should. */
  fails: number | undefined
  /** Has no Docker-Content-Digest. */
  hidesDigests: boolean
  /** Gives this in place of manifests, by tag or digest. */
  forged: Map<string, Buffer>
}

interface Image {
  readonly tags: Map<string, string>
  readonly manifests: Map<string, Buffer>
  readonly blobs: Map<string, Buffer>
}

export async function startImageServer(): Promise<ImageServer> {
  const images = new Map<string, Image>()
  let asked: string[] = []
  const behavior: Behavior = {
    pageSize: 1_000,
    referrers: undefined,
    blobsAt: undefined,
    fails: undefined,
    hidesDigests: false,
    forged: new Map(),
  }
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(images, behavior, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const imageOf = (name: string): Image => {
    const image = images.get(name) ?? { tags: new Map(), manifests: new Map(), blobs: new Map() }
    images.set(name, image)
    return image
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    forget: () => {
      asked = []
    },
    put: (name, { descriptor, blobs }, ...tags) => {
      const image = imageOf(name)
      for (const [digest, bytes] of blobs)
        (isManifest(bytes) ? image.manifests : image.blobs).set(digest, bytes)
      for (const tag of tags) image.tags.set(tag, descriptor.digest)
    },
    untag: (name, tag) => void imageOf(name).tags.delete(tag),
    behavior,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function isManifest(bytes: Buffer): boolean {
  return bytes.includes('"schemaVersion"')
}

function answer(
  images: ReadonlyMap<string, Image>,
  behavior: Behavior,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '', 'http://registry')
  const [, name = '', endpoint = '', reference = ''] =
    /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/([^/]+)$/.exec(decodeURIComponent(url.pathname)) ?? []
  const image = images.get(name)
  if (behavior.fails !== undefined) return void response.writeHead(behavior.fails).end()
  if (image === undefined) return void response.writeHead(404).end('{}')
  if (endpoint === 'tags') return answerTags(image, name, behavior, url, response)
  if (endpoint === 'referrers') return answerReferrers(behavior, reference, response)
  if (endpoint === 'manifests') return answerManifest(image, behavior, reference, response)
  const blob = image.blobs.get(reference)
  if (blob === undefined) return void response.writeHead(404).end('{}')
  if (behavior.blobsAt !== undefined)
    return void response
      .writeHead(307, { location: `${behavior.blobsAt}/${reference}?signature=storage` })
      .end()
  response
    .writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': blob.length })
    .end(blob)
}

function answerTags(
  image: Image,
  name: string,
  { pageSize }: Behavior,
  url: URL,
  response: ServerResponse,
): void {
  const tags = [...image.tags.keys()].toSorted()
  const last = url.searchParams.get('last')
  const rest = last === null ? tags : tags.filter((tag) => tag > last)
  const page = rest.slice(0, pageSize)
  if (rest.length > page.length)
    response.setHeader('link', `</v2/${name}/tags/list?last=${page.at(-1)}&n=${pageSize}>; rel="next"`)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ name, tags: page }))
}

function answerReferrers({ referrers }: Behavior, digest: string, response: ServerResponse): void {
  if (referrers === undefined) return void response.writeHead(404).end('404 page not found')
  const manifests = (referrers.get(digest) ?? []).map(({ descriptor }) => descriptor)
  response.setHeader('link', `</v2/inner/referrers/${digest}?last=x&secret=1>; rel="next"`)
  response.setHeader('content-type', 'application/vnd.oci.image.index.v1+json')
  response.end(JSON.stringify({ schemaVersion: 2, manifests }))
}

function answerManifest(
  image: Image,
  { hidesDigests, forged }: Behavior,
  reference: string,
  response: ServerResponse,
): void {
  const manifest = forged.get(reference) ?? image.manifests.get(image.tags.get(reference) ?? reference)
  if (manifest === undefined) return void response.writeHead(404).end('{}')
  const { mediaType } = JSON.parse(manifest.toString()) as { readonly mediaType: string }
  if (!hidesDigests) response.setHeader('docker-content-digest', digestOf(manifest))
  response.writeHead(200, { 'content-type': mediaType, 'content-length': manifest.length }).end(manifest)
}

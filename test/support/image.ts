import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Writes images in the form of an OCI layout (OCI image specification, "Image Layout"), so that tools can push them. */

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly [key: string]: unknown
}

/** A manifest or an index, with what is below it. */
export interface Content {
  readonly descriptor: Descriptor
  /** By digest; the manifest itself is among them. */
  readonly blobs: ReadonlyMap<string, Buffer>
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function describe(mediaType: string, bytes: Buffer): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

/** A layer with one file, `name`, of `bytes` without a pattern. */
export function layerOf(name: string, bytes: number): { readonly diffId: string; readonly content: Buffer } {
  const noise = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at += 32) {
    createHash('sha256').update(`${name} ${at}`).digest().copy(noise, at)
  }
  const tar = tarOf(name, noise)
  return { diffId: digestOf(tar), content: gzipSync(tar) }
}

/** An archive with one file (POSIX ustar). */
function tarOf(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(512)
  const fields = [
    [0, name],
    [100, '0000644\0'],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [124, `${content.length.toString(8).padStart(11, '0')}\0`],
    [136, '00000000000\0'],
    [148, '        '],
    [156, '0'],
    [257, 'ustar\u000000'],
  ] as const
  for (const [at, text] of fields) head.write(text, at, 'latin1')
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return Buffer.concat([
    head,
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512),
    Buffer.alloc(1024),
  ])
}

interface ImageOptions {
  readonly layers: readonly { readonly diffId: string; readonly content: Buffer }[]
  readonly architecture?: string
  /** What tells this image from another with the same layers. */
  readonly label?: string
}

/** An image for one platform. */
export function imageOf({ layers, architecture = 'amd64', label = '' }: ImageOptions): Content {
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: { Labels: { label } },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  )
  const blobs = [config, ...layers.map(({ content }) => content)]
  return manifestOf(
    { config: describe(CONFIG, config), layers: layers.map(({ content }) => describe(LAYER, content)) },
    blobs,
    { platform: { architecture, os: 'linux' } },
  )
}

/** A manifest of whatever it says, such as a chart. `about`: what an index would say of it. */
export function manifestOf(
  fields: Readonly<Record<string, unknown>>,
  blobs: readonly Buffer[],
  about: Readonly<Record<string, unknown>> = {},
): Content {
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, ...fields }))
  return {
    descriptor: { ...describe(MANIFEST, manifest), ...about },
    blobs: new Map([manifest, ...blobs].map((bytes) => [digestOf(bytes), bytes])),
  }
}

/** A thing that is no image: its configuration and one layer, of these media types. */
export function artifactOf(
  configType: string,
  layerType: string,
  content: Buffer,
  fields: Readonly<Record<string, unknown>> = {},
): Content {
  const config = Buffer.from('{}')
  const described = { config: describe(configType, config), layers: [describe(layerType, content)] }
  return manifestOf({ ...described, ...fields }, [config, content])
}

export function indexOf(...images: readonly Content[]): Content {
  const index = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: images.map(({ descriptor }) => descriptor),
    }),
  )
  const blobs = images.flatMap((image) => [...image.blobs])
  return { descriptor: describe(INDEX, index), blobs: new Map([[digestOf(index), index], ...blobs]) }
}

/** Writes a layout to `folder`, whose only entry is `content`. */
export async function writeLayout(folder: string, { descriptor, blobs }: Content): Promise<void> {
  const place = join(folder, 'blobs', 'sha256')
  await mkdir(place, { recursive: true })
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }))
  for (const [digest, bytes] of blobs) await writeFile(join(place, digest.slice('sha256:'.length)), bytes)
}

import type { ArtifactKind } from '../../policy/types.ts'

/** What a manifest is, and what it leads to. */
export interface Manifest {
  /**
   * `package`: an image, a chart or another thing that is fetched for its own sake; `metadata`: an index of several, one for each platform;
   * `signature`: what speaks of another manifest.
   */
  readonly kind: Extract<ArtifactKind, 'package' | 'metadata' | 'signature'>
  /** Digests of manifests. */
  readonly children: readonly string[]
  /** Digests of configurations and layers. */
  readonly blobs: readonly string[]
}

export const DIGEST: RegExp = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** All forms of manifests that there are. Storages give another one, or none, to whoever does not name what they have. */
export const MANIFEST_TYPES: string = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.artifact.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
  'application/vnd.docker.distribution.manifest.v1+json',
].join(', ')

const INDEX_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
])
const ATTESTATION_TYPE = 'application/vnd.in-toto+json'

/** What a manifest of this Content-Type is, as far as that tells. */
export function kindOfType(contentType: string | undefined): Manifest['kind'] {
  const [type = ''] = (contentType ?? '').split(';')
  return INDEX_TYPES.has(type.trim().toLowerCase()) ? 'metadata' : 'package'
}

/**
 * Reads a manifest or an index (OCI image specification, Docker's "Image Manifest V 2", Schema 1 and 2). undefined: it is none. A digest in
 * a form that no registry would serve is left out.
 */
export function parseManifest(content: Buffer): Manifest | undefined {
  const document = readObject(content)
  if (document === undefined) return undefined
  const { manifests, config, layers, blobs, fsLayers, subject } = document
  if (Array.isArray(manifests)) return { kind: 'metadata', children: digestsOf(manifests), blobs: [] }
  const parts = [config, ...listOf(layers), ...listOf(blobs)]
  const isImage = isObject(config) || Array.isArray(fsLayers) || Array.isArray(blobs)
  if (!isImage) return undefined
  const kind = isObject(subject) || isAttestation(listOf(layers)) ? 'signature' : 'package'
  return { kind, children: [], blobs: [...digestsOf(parts), ...digestsOf(listOf(fsLayers), 'blobSum')] }
}

/** What BuildKit puts into an index beside an image: where it came from, and what is in it. */
function isAttestation(layers: readonly unknown[]): boolean {
  return (
    layers.length > 0 && layers.every((layer) => isObject(layer) && layer['mediaType'] === ATTESTATION_TYPE)
  )
}

function digestsOf(descriptors: readonly unknown[], key = 'digest'): string[] {
  return descriptors.flatMap((each) => {
    const digest = isObject(each) ? each[key] : undefined
    return typeof digest === 'string' && DIGEST.test(digest) ? [digest] : []
  })
}

/** The object that a JSON document is; undefined for any other document. */
export function readObject(content: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(content.toString())
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

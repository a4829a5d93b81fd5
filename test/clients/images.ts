import { createHash } from 'node:crypto'
import { artifactOf, imageOf, indexOf, layerOf, type Content } from '../support/image.ts'
import { startRegistry, type Registry } from '../support/registry.ts'

/** What the registry has below `team/`. */
const SHARED = layerOf('shared', 40_000)

export const TOOL_1: Content = imageOf({ layers: [SHARED], label: '1.0' })
/** Shares a layer with the other version, and has one of its own. */
export const TOOL_2: Content = imageOf({ layers: [SHARED, layerOf('new', 20_000)], label: '2.0' })
export const AMD: Content = imageOf({ layers: [layerOf('amd', 9_000)] })
export const ARM: Content = imageOf({ layers: [layerOf('arm', 7_000)], architecture: 'arm64' })
export const MULTI: Content = indexOf(AMD, ARM)
export const OTHER: Content = imageOf({ layers: [layerOf('other', 5_000)], label: 'other' })
const CHART: Content = artifactOf(
  'application/vnd.cncf.helm.config.v1+json',
  'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  createHash('sha256').update('chart').digest(),
)
export const SIGNATURE_1: Content = artifactOf(
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.dev.cosign.simplesigning.v1+json',
  Buffer.from('signature'),
)

export function signatureTag({ descriptor }: Content): string {
  return `${descriptor.digest.replace(':', '-')}.sig`
}

/** A real registry with all of them. */
export async function startImages(): Promise<Registry> {
  const registry = await startRegistry()
  await registry.push(TOOL_1, 'team/tool:1.0')
  await registry.push(TOOL_2, 'team/tool:2.0')
  await registry.push(TOOL_2, 'team/tool:latest')
  await registry.push(SIGNATURE_1, `team/tool:${signatureTag(TOOL_1)}`)
  await registry.push(MULTI, 'team/multi:1.0')
  await registry.push(MULTI, 'team/multi/nested/blobs:1.0')
  await registry.push(CHART, 'team/charts/widget:0.1.0')
  await registry.push(OTHER, 'team/other:1.0')
  return registry
}

/** Body bytes of some of what an image consists of. */
export function bytesOf(...contents: readonly Content[]): number {
  const all = new Map(contents.flatMap(({ blobs }) => [...blobs]))
  return Array.from(all.values()).reduce((sum, { length }) => sum + length, 0)
}

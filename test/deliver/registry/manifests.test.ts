import { describe, expect, test } from 'vitest'
import { kindOfType, parseManifest } from '../../../src/deliver/registry/manifest.ts'
import {
  artifactOf,
  digestOf,
  imageOf,
  indexOf,
  layerOf,
  manifestOf,
  type Content,
} from '../../support/image.ts'
import { deliver, refusalOf } from '../orders.ts'
import { imageOrder, startRig } from './rig.ts'

const BASE = layerOf('base', 2_000)
const AMD = imageOf({ layers: [BASE], label: 'amd' })
const ARM = imageOf({ layers: [layerOf('arm', 500)], architecture: 'arm64' })
const CHART = artifactOf(
  'application/vnd.cncf.helm.config.v1+json',
  'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  Buffer.from('chart'),
)
const SIGNATURE = artifactOf(
  'application/vnd.oci.empty.v1+json',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
  Buffer.from('signature'),
  { subject: AMD.descriptor },
)
const ATTESTATION = artifactOf(
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.in-toto+json',
  Buffer.from('statement'),
)

function bytesOf({ descriptor, blobs }: Content): Buffer {
  return blobs.get(descriptor.digest) ?? Buffer.alloc(0)
}

describe('a manifest', () => {
  test.each([
    ['an image', AMD, 'package'],
    ['a chart', CHART, 'package'],
    ['an index of images', indexOf(AMD, ARM), 'metadata'],
    ['an empty index', indexOf(), 'metadata'],
    ['what speaks of another manifest', SIGNATURE, 'signature'],
    ['an attestation of BuildKit', ATTESTATION, 'signature'],
  ])('of %s is told from its content', (_, content, kind) => {
    expect(parseManifest(bytesOf(content))).toMatchObject({ kind })
  })

  test('names its configuration and layers, an index what it lists', () => {
    const manifest = parseManifest(bytesOf(AMD))
    expect(manifest?.blobs).toEqual([...AMD.blobs.keys()].slice(1))
    expect(manifest?.children).toEqual([])
    const index = parseManifest(bytesOf(indexOf(AMD, ARM)))
    expect(index?.children).toEqual([AMD.descriptor.digest, ARM.descriptor.digest])
  })

  test('of the first form names its layers', () => {
    const digest = digestOf(Buffer.from('layer'))
    const old = { schemaVersion: 1, fsLayers: [{ blobSum: digest }, { blobSum: 'md5:1' }, null] }
    expect(parseManifest(Buffer.from(JSON.stringify(old)))).toEqual({
      kind: 'package',
      children: [],
      blobs: [digest],
    })
  })

  test.each(['', '[]', 'null', '"x"', '{}', '{"config":[]}', '{"manifests":{}}', '{"layers":[]}', '{'])(
    'is not %j',
    (text) => {
      expect(parseManifest(Buffer.from(text))).toBeUndefined()
    },
  )

  test('passes over what no registry would serve', () => {
    const odd = {
      config: { digest: 'sha256:../../secret' },
      layers: [null, 7, { digest: 7 }, { digest: '' }],
    }
    expect(parseManifest(Buffer.from(JSON.stringify(odd)))?.blobs).toEqual([])
  })

  test('that only its type tells of is an index where that says so', () => {
    expect(kindOfType('application/vnd.oci.image.index.v1+json; charset=utf-8')).toBe('metadata')
    expect(kindOfType('application/vnd.docker.distribution.manifest.list.v2+json')).toBe('metadata')
    expect(kindOfType('application/vnd.oci.image.manifest.v1+json')).toBe('package')
    expect(kindOfType(undefined)).toBe('package')
  })
})

describe('a registry', () => {
  test('tells of each manifest what it is, and that a tag and a digest are the same', async () => {
    await using rig = await startRig()
    rig.server.put('team/tool', indexOf(AMD, ARM), 'multi')
    rig.server.put('team/tool', AMD, '1.0')
    const path = `tool/manifests/${AMD.descriptor.digest}`
    const byTag = await deliver(rig.deliverer, imageOrder('tool/manifests/1.0'))
    expect(byTag.found).toEqual({ kind: 'package', path, version: '1.0' })
    expect(byTag.content).toEqual(bytesOf(AMD))
    expect(byTag.header('docker-content-digest')).toBe(AMD.descriptor.digest)
    expect((await deliver(rig.deliverer, imageOrder('tool/manifests/multi'))).found?.kind).toBe('metadata')
    const byDigest = await deliver(rig.deliverer, imageOrder(path))
    expect(byDigest.found).toEqual({ kind: 'package', path, version: 'multi' })
  })

  test('tells of a HEAD what its type says, and gives no body', async () => {
    await using rig = await startRig()
    rig.server.put('team/tool', indexOf(AMD), 'multi')
    const opened = await deliver(rig.deliverer, imageOrder('tool/manifests/multi', { method: 'HEAD' }))
    expect(opened).toMatchObject({ status: 200, body: null, found: { kind: 'metadata' } })
  })

  test('takes a manifest that it can not read for an image', async () => {
    await using rig = await startRig()
    rig.server.put('team/tool', AMD, '1.0')
    rig.server.behavior.forged.set('1.0', Buffer.from('{"mediaType":"text/x","surprise":true}'))
    const opened = await deliver(rig.deliverer, imageOrder('tool/manifests/1.0'))
    expect(opened.found?.kind).toBe('package')
  })

  test('refuses a manifest that is larger than any registry has to take', async () => {
    await using rig = await startRig()
    rig.server.put('team/tool', AMD, '1.0')
    rig.server.behavior.forged.set(
      '1.0',
      Buffer.from(JSON.stringify({ mediaType: 'x', filler: 'x'.repeat(4 << 20) })),
    )
    expect(await refusalOf(rig.deliverer, imageOrder('tool/manifests/1.0'))).toBe('upstream_failed')
    expect(rig.failures.at(-1)).toMatch(/more than 4194304 bytes/)
  })

  test('never gives a part of a manifest', async () => {
    await using rig = await startRig()
    rig.server.put('team/tool', AMD, '1.0')
    const order = imageOrder('tool/manifests/1.0', { headers: { range: 'bytes=0-9' } })
    expect(await deliver(rig.deliverer, order)).toMatchObject({ status: 200, content: bytesOf(AMD) })
  })

  test('says of what is missing what it is', async () => {
    await using rig = await startRig()
    rig.server.put('team/tool', AMD, '1.0')
    const digest = digestOf(Buffer.from('nothing'))
    expect(await rig.deliverer.open(imageOrder('tool/manifests/9'))).toMatchObject({
      code: 'not_found',
      facts: { missing: 'manifest' },
    })
    expect(await rig.deliverer.open(imageOrder(`tool/blobs/${digest}`))).toMatchObject({
      code: 'not_found',
      facts: { missing: 'blob' },
    })
  })

  test.each(['_catalog', '', 'tool/', 'tool/blobs/uploads/', 'tool/manifests/1.0/', 'Tool/manifests/1.0'])(
    'is never asked for %j',
    async (path) => {
      await using rig = await startRig()
      expect(await refusalOf(rig.deliverer, imageOrder(path))).toBe('not_found')
      expect(rig.server.asked()).toEqual([])
    },
  )
})

test('a manifest without layers is an image all the same', () => {
  const empty = manifestOf({ config: { digest: digestOf(Buffer.from('{}')) }, layers: [] }, [])
  expect(parseManifest(bytesOf(empty))?.kind).toBe('package')
})

import { describe, expect, test } from 'vitest'
import { artifactOf, imageOf, indexOf, layerOf, type Content } from '../../support/image.ts'
import { deliver, refusalOf } from '../orders.ts'
import { imageOrder, limitedOrder, startRig, type Rig } from './rig.ts'

const SHARED = layerOf('shared', 500)
const ONE = imageOf({ layers: [SHARED], label: '1.0' })
const TWO = imageOf({ layers: [SHARED, layerOf('two', 500)], label: '2.0' })
const AMD = imageOf({ layers: [layerOf('amd', 500)] })
const ARM = imageOf({ layers: [layerOf('arm', 500)], architecture: 'arm64' })
const MULTI = indexOf(AMD, ARM)
const FOREIGN = imageOf({ layers: [layerOf('foreign', 500)], label: 'other image' })
const FIRST = /^1\./

async function startFilled(): Promise<Rig> {
  const rig = await startRig()
  rig.server.put('team/tool', ONE, '1.0')
  rig.server.put('team/tool', TWO, '2.0')
  rig.server.put('team/tool', MULTI, '1.1')
  rig.server.put('team/other', FOREIGN, '1.0')
  return rig
}

/** Every path by which a digest of `content` could be asked for. */
function pathsOf({ blobs }: Content): string[] {
  return [...blobs].map(([digest, bytes]) =>
    bytes.includes('"schemaVersion"') ? `tool/manifests/${digest}` : `tool/blobs/${digest}`,
  )
}

function own(content: Content, other: Content): string[] {
  return pathsOf(content).filter((path) => !pathsOf(other).includes(path))
}

async function judge(rig: Rig, path: string, tags = FIRST): Promise<string> {
  const opened = await rig.deliverer.open(limitedOrder(path, tags))
  if (!opened.ok) return opened.code
  opened.body?.discard()
  return 'ok'
}

describe('a client that may fetch some tags', () => {
  test('is given by digest what these tags lead to', async () => {
    await using rig = await startFilled()
    for (const path of [...pathsOf(ONE), ...pathsOf(MULTI)])
      expect([path, await judge(rig, path)]).toEqual([path, 'ok'])
  })

  test('is not given by digest what only other tags lead to', async () => {
    await using rig = await startFilled()
    for (const path of own(TWO, ONE))
      expect([path, await judge(rig, path)]).toEqual([path, 'package_not_covered'])
    for (const path of pathsOf(TWO)) expect([path, await judge(rig, path, /^2/)]).toEqual([path, 'ok'])
  })

  test('is not given what other images have, nor what nobody has', async () => {
    await using rig = await startFilled()
    const nothing = `tool/blobs/sha256:${'0'.repeat(64)}`
    for (const path of [...pathsOf(FOREIGN), nothing])
      expect([path, await judge(rig, path)]).toEqual([path, 'package_not_covered'])
    expect(rig.server.asked().join('\n')).not.toContain('/team/other/')
  })

  test('is given nothing when it may fetch no tag', async () => {
    await using rig = await startFilled()
    for (const path of pathsOf(ONE)) expect(await judge(rig, path, /never/)).toBe('package_not_covered')
    expect(rig.server.asked().every((each) => each.includes('/tags/list'))).toBe(true)
  })

  test('is given nothing when the tags can not be told', async () => {
    await using rig = await startFilled()
    rig.server.behavior.fails = 500
    for (const path of pathsOf(ONE)) expect(await judge(rig, path)).toBe('upstream_failed')
    expect(rig.failures.at(-1)).toContain('tags/list')
  })

  test('is served from a registry that tells no digests', async () => {
    await using rig = await startFilled()
    rig.server.behavior.hidesDigests = true
    for (const path of pathsOf(ONE)) expect(await judge(rig, path)).toBe('ok')
    for (const path of own(TWO, ONE)) expect(await judge(rig, path)).toBe('package_not_covered')
  })

  test('is not led on by a manifest that is not what its digest says', async () => {
    await using rig = await startFilled()
    const [forged = Buffer.alloc(0)] = TWO.blobs.values()
    rig.server.behavior.forged.set(ONE.descriptor.digest, forged)
    for (const path of own(TWO, ONE)) expect(await judge(rig, path, /^1\.0/)).toBe('upstream_failed')
    expect(rig.failures.at(-1)).toContain(`something else than ${ONE.descriptor.digest}`)
  })

  test('is given what was pushed a moment ago, also where the tags were just read', async () => {
    await using rig = await startFilled()
    expect(await judge(rig, pathsOf(ONE)[0] ?? '')).toBe('ok')
    const fresh = imageOf({ layers: [layerOf('fresh', 500)] })
    rig.server.put('team/tool', fresh, '1.2')
    rig.time.now += 2_500
    for (const path of pathsOf(fresh)) expect(await judge(rig, path)).toBe('ok')
    rig.server.put('team/tool', imageOf({ layers: [SHARED], label: 'moved' }), '1.2')
    rig.time.now += 2_500
    expect(await judge(rig, pathsOf(imageOf({ layers: [SHARED], label: 'moved' }))[0] ?? '')).toBe('ok')
  })

  test('loses an image that has no tag any more within a minute', async () => {
    await using rig = await startFilled()
    const path = own(MULTI, ONE)[0] ?? ''
    expect(await judge(rig, path)).toBe('ok')
    rig.server.untag('team/tool', '1.1')
    rig.time.now += 60_001
    expect(await judge(rig, path)).toBe('package_not_covered')
  })

  test('asks the storage once for what many ask for at the same time, and a flood of guesses no more than that', async () => {
    await using rig = await startFilled()
    const paths = [...pathsOf(ONE), ...pathsOf(MULTI)].filter((path) => path.includes('/blobs/'))
    await Promise.all([...paths, ...paths, ...paths].map((path) => judge(rig, path)))
    const questions = rig.server.asked().filter((each) => !each.includes('/blobs/'))
    expect(new Set(questions).size).toBe(questions.length)
    await judge(rig, `tool/blobs/sha256:${'1'.repeat(64)}`)
    rig.server.forget()
    for (let guess = 0; guess < 50; guess++)
      await judge(rig, `tool/blobs/sha256:${String(guess).padStart(64, '0')}`)
    expect(rig.server.asked()).toEqual([])
  })

  test('costs a question for a tag and each manifest on the way, where the tag was just asked for, however many there are', async () => {
    await using rig = await startFilled()
    for (let number = 10; number < 100; number++) rig.server.put('team/tool', ONE, `1.${number}`)
    await deliver(rig.deliverer, limitedOrder('tool/manifests/1.1', FIRST))
    rig.server.forget()
    const [manifest = '', ...blobs] = pathsOf(AMD)
    await deliver(rig.deliverer, limitedOrder(manifest, FIRST))
    for (const path of blobs) expect(await judge(rig, path)).toBe('ok')
    const below = (path: string): string => `/v2/team/tool/${path}`
    expect(rig.server.asked()).toEqual([
      `GET ${below('tags/list')}?n=1000`,
      `HEAD ${below('manifests/1.1')}`,
      `GET ${below(`manifests/${MULTI.descriptor.digest}`)}`,
      // For the client, and to see what is in it.
      `GET /v2/team/${manifest}`,
      `GET /v2/team/${manifest}`,
      ...blobs.map((path) => `GET /v2/team/${path}`),
    ])
  })

  test('is told apart from one that may fetch the whole image, for whom nothing is looked up', async () => {
    await using rig = await startFilled()
    const order = { includes: () => true, includesAllVersions: () => true }
    for (const path of pathsOf(TWO)) await deliver(rig.deliverer, imageOrder(path, order))
    expect(rig.server.asked().filter((each) => each.includes('/tags/list'))).toEqual([])
    // Of another image, the storage itself gives nothing.
    for (const path of pathsOf(FOREIGN))
      expect(await refusalOf(rig.deliverer, imageOrder(path, order))).toBe('not_found')
  })

  test('finds a tag on a later page of the list', async () => {
    await using rig = await startFilled()
    rig.server.behavior.pageSize = 1
    for (const path of pathsOf(TWO)) expect(await judge(rig, path, /^2/)).toBe('ok')
  })
})

describe('what is attached to an image', () => {
  const signatureOf = (content: Content): Content =>
    artifactOf(
      'application/vnd.oci.image.config.v1+json',
      'application/vnd.dev.cosign.simplesigning.v1+json',
      Buffer.from(`signature of ${content.descriptor.digest}`),
      { subject: content.descriptor },
    )
  const tagOf = (content: Content): string => `${content.descriptor.digest.replace(':', '-')}.sig`

  test.each([
    ['by a tag', (rig: Rig, image: Content) => rig.server.put('team/tool', signatureOf(image), tagOf(image))],
    [
      'in the list of referrers',
      (rig: Rig, image: Content) => {
        rig.server.put('team/tool', signatureOf(image))
        rig.server.behavior.referrers ??= new Map()
        rig.server.behavior.referrers.set(image.descriptor.digest, [signatureOf(image)])
      },
    ],
  ])('%s may be fetched with it', async (_, attach) => {
    await using rig = await startFilled()
    for (const image of [ONE, TWO, ARM]) attach(rig, image)
    for (const path of [...pathsOf(signatureOf(ONE)), ...pathsOf(signatureOf(ARM))])
      expect([path, await judge(rig, path)]).toEqual([path, 'ok'])
    for (const path of own(signatureOf(TWO), signatureOf(ONE)))
      expect([path, await judge(rig, path)]).toEqual([path, 'package_not_covered'])
  })

  test('is asked for by the name of the image’s digest, and judged as that is', async () => {
    await using rig = await startFilled()
    for (const image of [ONE, TWO]) rig.server.put('team/tool', signatureOf(image), tagOf(image))
    expect(await judge(rig, `tool/manifests/${tagOf(ONE)}`)).toBe('ok')
    expect(await judge(rig, `tool/manifests/${tagOf(TWO)}`)).toBe('package_not_covered')
    expect(await judge(rig, `tool/referrers/${TWO.descriptor.digest}`)).toBe('package_not_covered')
    const { found } = await deliver(rig.deliverer, imageOrder(`tool/manifests/${tagOf(TWO)}`))
    expect(found?.kind).toBe('signature')
  })

  test('has a list for each digest that may be fetched', async () => {
    await using rig = await startFilled()
    rig.server.behavior.referrers = new Map([[ONE.descriptor.digest, [signatureOf(ONE)]]])
    const order = limitedOrder(`tool/referrers/${ONE.descriptor.digest}`, FIRST, {
      query: 'artifactType=x&ns=docker.io',
    })
    const { content, header } = await deliver(rig.deliverer, order)
    expect(header('link')).toBe(`</v2/acme/docker/${order.artifact.path}?last=x>; rel="next"`)
    expect(content.toString()).toContain(signatureOf(ONE).descriptor.digest)
    expect(rig.server.asked().at(-1)).toMatch(/\?artifactType=x$/)
  })
})

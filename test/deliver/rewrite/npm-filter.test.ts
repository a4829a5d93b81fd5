import { brotliCompressSync, gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, readHeader, refusalOf } from '../orders.ts'
import { documentOrder, fixedStorage, GATE, rewritten, STORAGE } from './documents.ts'

const VERSIONS = ['1.0.0', '1.1.0', '2.0.0', '3.0.0-rc.1']

interface Packument {
  readonly 'dist-tags': Record<string, string>
  readonly versions: Record<string, { dist: { tarball: string } }>
  readonly time: Record<string, string>
}

function packument(versions: readonly string[] = VERSIONS, space?: string): string {
  const entries = versions.map((version) => [
    version,
    { name: 'n', version, dist: { shasum: 'x', tarball: `${STORAGE}n/-/n-${version}.tgz` } },
  ])
  const times = versions.map((version) => [version, '2026-01-01T00:00:00.000Z'])
  const document = {
    name: 'n',
    'dist-tags': { next: '3.0.0-rc.1', latest: '2.0.0', old: '1.0.0' },
    versions: Object.fromEntries(entries) as object,
    time: { created: 'c', modified: 'm', '0.9.0': 'unpublished', ...Object.fromEntries(times) } as object,
    readme: 'the end',
  }
  return JSON.stringify(document, undefined, space)
}

/** What a client sees that may fetch these versions. */
async function seen(text: string, allowed: readonly string[], path = 'n'): Promise<Packument> {
  const { deliverer } = rewritten(fixedStorage(text).deliverer)
  const order = documentOrder('n')
  const artifact = FORMAT_RULES.npm.recognize(path)
  const { content } = await deliver(deliverer, { ...order, artifact, includes: includesVersions(allowed) })
  return JSON.parse(content.toString()) as Packument
}

function includesVersions(allowed: readonly string[]): (path: string) => boolean {
  return (path) => {
    const { kind, version } = FORMAT_RULES.npm.recognize(path)
    return kind === 'package' && version !== undefined && allowed.includes(version)
  }
}

test('lists only the versions that the client may fetch, in versions, tags and times', async () => {
  const document = await seen(packument(), ['1.0.0', '2.0.0'])
  expect(Object.keys(document.versions)).toEqual(['1.0.0', '2.0.0'])
  expect(document['dist-tags']).toEqual({ latest: '2.0.0', old: '1.0.0' })
  expect(Object.keys(document.time)).toEqual(['created', 'modified', '1.0.0', '2.0.0'])
  expect(document.versions['1.0.0']?.dist.tarball).toBe(`${GATE}n/-/n-1.0.0.tgz`)
})

test.each([
  [['1.0.0', '1.1.0'], '1.1.0'],
  [['1.0.0', '3.0.0-rc.1'], '1.0.0'],
  [['3.0.0-rc.1'], '3.0.0-rc.1'],
  [VERSIONS, '2.0.0'],
])('makes of %j that are left %s the latest', async (allowed, latest) => {
  expect((await seen(packument(), allowed))['dist-tags']['latest']).toBe(latest)
})

test('leaves a document as it is whose versions may all be fetched', async () => {
  const text = packument(VERSIONS, '  ')
  const { deliverer } = rewritten(fixedStorage(text).deliverer)
  const order = { ...documentOrder('n'), includes: includesVersions(VERSIONS) }
  expect((await deliver(deliverer, order)).content.toString()).toBe(text.replaceAll(STORAGE, GATE))
})

test('refuses a document of which nothing is left', async () => {
  const { deliverer, failures } = rewritten(fixedStorage(packument()).deliverer)
  const order = { ...documentOrder('n'), includes: () => false }
  expect(await refusalOf(deliverer, order)).toBe('package_not_covered')
  expect(failures).toEqual([])
})

test('judges a version by where its tarball lies', async () => {
  const text = packument().replace(`${STORAGE}n/-/n-2.0.0.tgz`, `${STORAGE}elsewhere/-/elsewhere-2.0.0.tgz`)
  const { deliverer } = rewritten(fixedStorage(text).deliverer)
  const asked: string[] = []
  const includes = (path: string): boolean => asked.push(path) > 0
  await deliver(deliverer, { ...documentOrder('n'), includes })
  expect(asked).toContain('elsewhere/-/elsewhere-2.0.0.tgz')
  expect(asked).toContain('n/-/n-1.0.0.tgz')
})

test('is not misled by members that are written in escapes, or twice', async () => {
  const text = packument().replace('"versions"', '"\\u0076ersions"')
  const twice = `{"versions":{"9.0.0":{"version":"9.0.0"}},${text.slice(1)}`
  const document = await seen(twice, ['1.0.0'])
  expect(JSON.stringify(document)).not.toMatch(/9\.0\.0|2\.0\.0/)
  expect(Object.keys(document.versions)).toEqual(['1.0.0'])
})

test('gives the document of one version, or of a tag, only to who may fetch the version', async () => {
  const manifest = JSON.stringify({
    name: 'n',
    version: '2.0.0',
    dist: { tarball: `${STORAGE}n/-/n-2.0.0.tgz` },
  })
  const { deliverer } = rewritten(fixedStorage(manifest).deliverer)
  for (const path of ['n/latest', 'n/2.0.0']) {
    const order = { ...documentOrder('n'), artifact: FORMAT_RULES.npm.recognize(path) }
    expect(await refusalOf(deliverer, { ...order, includes: includesVersions(['1.0.0']) })).toBe(
      'package_not_covered',
    )
    const { content } = await deliver(deliverer, { ...order, includes: includesVersions(['2.0.0']) })
    expect(content.toString()).toBe(manifest.replace(STORAGE, GATE))
  }
})

test('lists only tags of versions that the client may fetch', async () => {
  const tags = JSON.stringify({ latest: '2.0.0', old: '1.0.0' })
  expect(await seen(tags, ['1.0.0'], '-/package/n/dist-tags')).toEqual({ old: '1.0.0' })
})

test('lists tags as JSON also when something blank stands before them', async () => {
  const tags = `\n ${JSON.stringify({ latest: '2.0.0', old: '1.0.0' })}`
  expect(await seen(tags, ['1.0.0'], '-/package/n/dist-tags')).toEqual({ old: '1.0.0' })
})

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
] as const)('filters what the storage sends as %s', async (encoding, compress) => {
  const headers = ['content-type', 'application/json', 'content-encoding', encoding]
  const { deliverer } = rewritten(fixedStorage(compress(packument()), headers).deliverer)
  const { content } = await deliver(deliverer, {
    ...documentOrder('n'),
    includes: includesVersions(['1.0.0']),
  })
  expect(content.toString()).not.toContain('2.0.0')
})

test('gives each client an ETag of what it was given', async () => {
  const { deliverer } = rewritten(fixedStorage(packument()).deliverer)
  const tagFor = async (allowed: readonly string[]): Promise<string> => {
    const opened = await deliverer.open({ ...documentOrder('n'), includes: includesVersions(allowed) })
    return (opened.ok && readHeader(opened)('etag')) || ''
  }
  const tags = await Promise.all([['1.0.0'], ['2.0.0'], ['2.0.0']].map(tagFor))
  expect(tags[1]).toBe(tags[2])
  expect(tags[0]).not.toBe(tags[1])
  const known = { 'if-none-match': tags[0] ?? '' }
  const order = {
    ...documentOrder('n', undefined, { headers: known }),
    includes: includesVersions(['2.0.0']),
  }
  expect(await deliver(deliverer, order)).toMatchObject({ status: 200 })
})

test.each(['{"versions":{"1.0.0":{', '[1,2', '{"versions":[}', 'no json'])(
  'refuses %s rather than to pass it on unfiltered',
  async (text) => {
    const { deliverer, failures } = rewritten(fixedStorage(text).deliverer)
    expect(await refusalOf(deliverer, { ...documentOrder('n'), includes: () => true })).toBe(
      'upstream_failed',
    )
    expect(failures).toHaveLength(1)
  },
)

test('names no version that may not be fetched, whatever the document', async () => {
  const version = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)).map((numbers) => numbers.join('.'))
  const property = fc.asyncProperty(
    fc.uniqueArray(version, { minLength: 2, maxLength: 12 }),
    fc.nat(),
    fc.constantFrom(undefined, ' ', '\t'),
    async (versions, cut, space) => {
      const allowed = versions.slice(0, 1 + (cut % (versions.length - 1)))
      const text = packument(versions, space)
      const document = await seen(text, allowed)
      expect(Object.keys(document.versions).toSorted()).toEqual(allowed.toSorted())
      for (const tagged of Object.values(document['dist-tags'])) expect(allowed).toContain(tagged)
    },
  )
  await fc.assert(property, { numRuns: 200 })
})

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { DeliveryOrder } from '../../../src/deliver/contract.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, orderFor, refusalOf } from '../orders.ts'
import { fixedStorage } from './documents.ts'
import { rewritingOf } from './rewriter-of.ts'

const GATE = 'https://dl.example.com/t/SECRET/acme/conda/'
const STORAGE = 'https://conda.example.com/channel/'
const { recognize } = FORMAT_RULES.conda
const INDEX = 'linux-64/repodata.json'

function order(path: string, more: Partial<DeliveryOrder> = {}): DeliveryOrder {
  return orderFor('', { artifact: recognize(path), baseUrl: GATE, ...more })
}

function only(...versions: readonly string[]): Pick<DeliveryOrder, 'includes'> {
  return { includes: (path) => versions.includes(recognize(path).version ?? '') }
}

function rewriting(content: Buffer | string, limitBytes = 1_000_000_000): ReturnType<typeof rewritingOf> {
  const storage = fixedStorage(content)
  return rewritingOf('conda', storage.deliverer, STORAGE, { onFailure: () => undefined, limitBytes })
}

async function rewrite(document: unknown, asked: DeliveryOrder): Promise<unknown> {
  return JSON.parse((await deliver(rewriting(JSON.stringify(document, null, 1)), asked)).content.toString())
}

function index(...versions: readonly string[]): Record<string, unknown> {
  const record = (version: string): object => ({ name: 'acme-tool', version, depends: ['x {"[,'] })
  const named = (end: string): object =>
    Object.fromEntries(versions.map((version) => [`acme-tool-${version}-0.${end}`, record(version)]))
  return {
    info: { subdir: 'linux-64' },
    packages: named('tar.bz2'),
    'packages.conda': named('conda'),
    removed: versions.map((version) => `acme-tool-${version}-1.conda`),
    signatures: named('conda'),
    repodata_version: 1,
  }
}

describe('an index', () => {
  test('has the packages that the client may fetch, and says nothing of others', async () => {
    const given = index('1.0', '1.1', '2.0')
    expect(await rewrite(given, order(INDEX, only('1.0', '2.0')))).toEqual(index('1.0', '2.0'))
    expect(await rewrite(given, order(INDEX, only()))).toEqual(index())
  })

  test('goes to who may fetch everything byte for byte', async () => {
    const text = JSON.stringify(index('1.0'), null, 3)
    expect((await deliver(rewriting(text), order(INDEX))).content.toString()).toBe(text)
  })

  test.each([
    [`${STORAGE}linux-64/`, `${GATE}linux-64/`],
    [`${STORAGE}pool/linux-64`, `${GATE}pool/linux-64/`],
    ['https://cdn.example.com/channel/linux-64/', `${GATE}linux-64/`],
    ['../pool/linux-64/', `${GATE}pool/linux-64/`],
    [STORAGE, GATE],
  ])('that names %s as the folder of packages names %s', async (base, place) => {
    const given = { ...index('1.0'), info: { subdir: 'linux-64', base_url: base } }
    expect(await rewrite(given, order(INDEX))).toMatchObject({ info: { base_url: place } })
  })

  test('is judged by the folder of its packages, even if that is named behind them', async () => {
    const { info: _, ...rest } = index('1.0')
    const given = { ...rest, info: { base_url: `${STORAGE}pool/noarch/` } }
    const seen: string[] = []
    await rewrite(given, order(INDEX, { includes: (path) => (seen.push(path), true) }))
    expect(seen[0]).toBe('pool/noarch/acme-tool-1.0-0.tar.bz2')
  })

  test('is read and written as the compressed file that it is', async () => {
    const packed = zstdCompressSync(JSON.stringify(index('1.0', '1.1')))
    const asked = order('linux-64/repodata.json.zst', only('1.1'))
    const { content, header } = await deliver(rewriting(packed), asked)
    expect(JSON.parse(zstdDecompressSync(content).toString())).toEqual(index('1.1'))
    expect(header('content-encoding')).toBeUndefined()
    expect(header('content-length')).toBe(String(content.length))
  })

  test('is not unpacked without a bound', async () => {
    const packed = zstdCompressSync(Buffer.alloc(20_000_000, ' '))
    expect(await refusalOf(rewriting(packed, 10_000_000), order('noarch/repodata.json.zst'))).toBe(
      'upstream_failed',
    )
  })

  test.each(['[]', '{"packages":[]}', '{"packages.conda":1}', '{"removed":{}}', 'no json', '{"packages":{'])(
    'is refused when it is %s',
    async (text) => {
      expect(await refusalOf(rewriting(text), order(INDEX, only('1.0')))).toBe('upstream_failed')
    },
  )

  test('is refused when its packages lie nowhere on the web', async () => {
    const given = JSON.stringify({ info: { base_url: 'ftp://x.example.com/' } })
    expect(await refusalOf(rewriting(given), order(INDEX))).toBe('upstream_failed')
  })

  test('of any length is cut down with others running in between', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const many = Array.from({ length: 20_000 }, (_, i) => `1.${i}`)
    const found = await rewrite(index(...many), order(INDEX, only('1.7', '1.19999')))
    clearInterval(timer)
    expect(found).toEqual(index('1.7', '1.19999'))
    expect(turns).toBeGreaterThan(5)
  })
})

test('packages are not touched', async () => {
  const { content } = await deliver(rewriting('bytes'), order('noarch/acme-tool-1.0-0.conda', only('1.0')))
  expect(content.toString()).toBe('bytes')
})

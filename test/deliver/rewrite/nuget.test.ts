import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { DeliveryOrder } from '../../../src/deliver/contract.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, orderFor, refusalOf } from '../orders.ts'
import { fixedStorage } from './documents.ts'
import { rewritingOf } from './rewriter-of.ts'

const GATE = 'https://dl.example.com/SECRET/acme/nuget/'
const STORAGE = 'https://nuget.example.com/feed/'
const { recognize } = FORMAT_RULES.nuget

function order(path: string, more: Partial<DeliveryOrder> = {}): DeliveryOrder {
  return orderFor('', { artifact: recognize(path), baseUrl: GATE, ...more })
}

/** A token that may fetch these versions of acme.tool. */
function only(...versions: readonly string[]): Pick<DeliveryOrder, 'includes'> {
  return {
    includes: (path) => {
      const { kind, name, version = '' } = recognize(path)
      return kind === 'package' && name === 'acme.tool' && versions.includes(version)
    },
  }
}

function rewriting(document: unknown, headers?: readonly string[]): ReturnType<typeof rewritingOf> {
  const content =
    typeof document === 'string' || Buffer.isBuffer(document) ? document : JSON.stringify(document, null, 1)
  return rewritingOf('nuget', fixedStorage(content, headers).deliverer, STORAGE, {
    onFailure: () => undefined,
  })
}

async function rewrite(document: unknown, asked: DeliveryOrder): Promise<unknown> {
  return JSON.parse((await deliver(rewriting(document), asked)).content.toString())
}

function leaf(version: string, root = STORAGE): Record<string, unknown> {
  return {
    '@id': `${root}v3/registration/acme.tool/${version}.json`,
    '@type': 'Package',
    catalogEntry: {
      '@id': `${root}v3/catalog0/data/acme.tool.${version}.json`,
      id: 'Acme.Tool',
      version,
      description: 'version "9.9" {[',
      dependencyGroups: [
        {
          dependencies: [
            { id: 'Other', range: '[1.0, )', registration: `${root}v3/registration/other/index.json` },
          ],
        },
      ],
    },
    packageContent: `${root}v3/flatcontainer/acme.tool/${version}/acme.tool.${version}.nupkg`,
    registration: `${root}v3/registration/acme.tool/index.json`,
  }
}

function page(versions: readonly string[], root = STORAGE): Record<string, unknown> {
  return {
    '@id': `${root}v3/registration/acme.tool/index.json#page/${versions[0]}/${versions.at(-1)}`,
    count: versions.length,
    items: versions.map((version) => leaf(version, root)),
    lower: versions[0],
    parent: `${root}v3/registration/acme.tool/index.json`,
    upper: versions.at(-1),
  }
}

function registration(...pages: readonly object[]): Record<string, unknown> {
  const context = { '@vocab': 'http://schema.nuget.org/schema#', items: { '@id': 'x', '@container': '@set' } }
  return {
    '@id': `${STORAGE}v3/registration/acme.tool/index.json`,
    count: pages.length,
    items: pages,
    '@context': context,
  }
}

interface Page {
  readonly '@id': string
  readonly count: number
  readonly lower: string
  readonly upper: string
  readonly items: readonly { readonly catalogEntry: { readonly version: string } }[]
}

function pagesOf(document: unknown): readonly Page[] {
  return (document as { readonly items: readonly Page[] }).items
}

describe('the service index', () => {
  const resources = [
    { '@id': `${STORAGE}v3/flatcontainer/`, '@type': 'PackageBaseAddress/3.0.0', comment: 'packages' },
    { '@id': `${STORAGE}v3/registration5-gz-semver2/`, '@type': 'RegistrationsBaseUrl/3.6.0' },
    { '@id': `${STORAGE}query`, '@type': 'SearchQueryService' },
    { '@id': 'https://public.example.com/feed/autocomplete', '@type': 'SearchAutocompleteService/3.5.0' },
    { '@id': `${STORAGE}api/v2/package`, '@type': 'PackagePublish/2.0.0' },
    { '@id': 'https://www.example.com/packages/{id}/{version}', '@type': 'PackageDetailsUriTemplate/5.1.0' },
  ]

  test('leads to the gate with all that can be used there', async () => {
    const context = { '@vocab': 'http://schema.nuget.org/services#' }
    const given = { version: '3.0.0', resources, '@context': context }
    expect(await rewrite(given, order('v3/index.json', only()))).toEqual({
      version: '3.0.0',
      resources: [
        { '@id': `${GATE}v3/flatcontainer/`, '@type': 'PackageBaseAddress/3.0.0', comment: 'packages' },
        { '@id': `${GATE}v3/registration5-gz-semver2/`, '@type': 'RegistrationsBaseUrl/3.6.0' },
        { '@id': `${GATE}query`, '@type': 'SearchQueryService' },
        { '@id': `${GATE}autocomplete`, '@type': 'SearchAutocompleteService/3.5.0' },
      ],
      '@context': context,
    })
  })

  test.each(['[]', '{"resources":{}}', 'no json', '{"resources":[', '{"items":{}}', '{"versions":1}'])(
    'is refused when it is %s',
    async (document) => {
      expect(await refusalOf(rewriting(document), order('index.json'))).toBe('upstream_failed')
    },
  )
})

describe('the list of versions', () => {
  const asked = 'v3/flatcontainer/acme.tool/index.json'

  test('has those that the client may fetch', async () => {
    const given = { versions: ['1.0.0', '1.1.0', '2.0.0-beta'] }
    expect(await rewrite(given, order(asked, only('1.0.0', '2.0.0-beta')))).toEqual({
      versions: ['1.0.0', '2.0.0-beta'],
    })
    expect(await rewrite(given, order(asked))).toEqual(given)
    expect(await rewrite({ versions: [] }, order(asked, only()))).toEqual({ versions: [] })
    expect(await refusalOf(rewriting(given), order(asked, only('3.0.0')))).toBe('package_not_covered')
  })
})

describe('a registration', () => {
  const asked = 'v3/registration/acme.tool/index.json'

  test('leads to the gate and says what it said', async () => {
    const given = registration(page(['1.0.0', '1.1.0']))
    const expected = { ...registration(page(['1.0.0', '1.1.0'], GATE)), '@id': `${GATE}${asked}` }
    const [first] = pagesOf(expected)
    const pages = [{ ...first, '@id': `${GATE}${asked}` }]
    expect(await rewrite(given, order(asked))).toEqual({ ...expected, items: pages })
  })

  test('has the versions that the client may fetch, and pages that know of no others', async () => {
    const given = registration(page(['1.0.0', '1.1.0', '1.2.0']), page(['2.0.0']), page(['2.1.0', '3.0.0']))
    const pages = pagesOf(await rewrite(given, order(asked, only('1.1.0', '1.2.0', '2.1.0'))))
    expect(pages.map(({ count, lower, upper }) => [count, lower, upper])).toEqual([
      [2, '1.1.0', '1.2.0'],
      [1, '2.1.0', '2.1.0'],
    ])
    const versions = pages.map(({ items }) => items.map(({ catalogEntry }) => catalogEntry.version))
    expect(versions).toEqual([['1.1.0', '1.2.0'], ['2.1.0']])
  })

  test('is refused when no version is left, but not a page of it', async () => {
    const given = page(['1.0.0'])
    expect(await refusalOf(rewriting(registration(given)), order(asked, only()))).toBe('package_not_covered')
    const paged = order('v3/registration/acme.tool/page/1.0.0/1.0.0.json', only())
    expect(await rewrite(given, paged)).toMatchObject({ count: 0, items: [], lower: '', upper: '' })
  })

  test('keeps pages whose versions stand elsewhere', async () => {
    const { items: _, ...apart } = page(['1.0.0'])
    const [first] = pagesOf(await rewrite(registration(apart), order(asked, only())))
    expect(first).toEqual({ ...apart, '@id': `${GATE}${asked}`, parent: `${GATE}${asked}` })
  })

  test('is decoded where the storage keeps it compressed', async () => {
    const headers = ['content-type', 'application/json', 'content-encoding', 'gzip']
    const packed = rewriting(gzipSync(JSON.stringify(registration(page(['1.0.0'])))), headers)
    const { content, header } = await deliver(packed, order(asked))
    expect(pagesOf(JSON.parse(content.toString()))).toHaveLength(1)
    expect(header('content-encoding')).toBeUndefined()
  })

  test('leaves out a version whose package lies where nobody knows what it is', async () => {
    const odd = { ...leaf('1.0.0'), packageContent: `${STORAGE}files/1` }
    expect(await refusalOf(rewriting(registration({ items: [odd] })), order(asked, only('1.0.0')))).toBe(
      'package_not_covered',
    )
  })

  test('of any length is cut down with others running in between', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const versions = Array.from({ length: 5_000 }, (_, i) => `1.0.${i}`)
    const given = registration(page(versions))
    const [first] = pagesOf(await rewrite(given, order(asked, only('1.0.7', '1.0.4999'))))
    clearInterval(timer)
    expect(first?.items).toHaveLength(2)
    expect(turns).toBeGreaterThan(3)
  })
})

test('results of a search lead to the gate', async () => {
  const given = {
    totalHits: 1,
    data: [
      {
        '@id': `${STORAGE}v3/registration/acme.tool/index.json`,
        registration: `${STORAGE}v3/registration/acme.tool/index.json`,
        id: 'Acme.Tool',
        version: '1.0.0',
        versions: [{ version: '1.0.0', '@id': `${STORAGE}v3/registration/acme.tool/1.0.0.json` }],
      },
    ],
  }
  const found = JSON.stringify(await rewrite(given, order('query')))
  expect(found).not.toContain('nuget.example.com')
  expect(found).toContain(`${GATE}v3/registration/acme.tool/1.0.0.json`)
})

test('URLs in a feed of version 2 lead to the gate, and nothing else is changed', async () => {
  const feed = (root: string, query: string): string => `<?xml version="1.0" encoding="utf-8"?>
<feed xml:base="${root}api/v2/" xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices">
  <id>${root}api/v2/FindPackagesById()</id>
  <link rel="self" href="FindPackagesById()" />
  <link rel="next" href="${root}api/v2/FindPackagesById()${query}" />
  <entry><id>${root}api/v2/Packages(Id='Acme.Tool',Version='1.0.0')</id>
    <content type="application/zip" src="${root}api/v2/package/Acme.Tool/1.0.0" />
    <d:ProjectUrl>https://www.example.com/</d:ProjectUrl>
  </entry>
</feed>`
  const query = '?id=%27Acme.Tool%27&amp;$skiptoken=1'
  const { content } = await deliver(rewriting(feed(STORAGE, query)), order('api/v2/FindPackagesById()'))
  const found = content.toString()
  expect(found).not.toContain('nuget.example.com')
  expect(found).toContain(`<content type="application/zip" src="${GATE}api/v2/package/Acme.Tool/1.0.0" />`)
  expect(found).toContain('<d:ProjectUrl>https://www.example.com/</d:ProjectUrl>')
  expect(found).toContain('<link rel="self" href="FindPackagesById()" />')
  expect(
    found
      .replaceAll(GATE, STORAGE)
      .replaceAll('&#38;', '&amp;')
      .replaceAll('&#39;', "'")
      .replaceAll('%3D', '=')
      .replaceAll('%2C', ','),
  ).toBe(feed(STORAGE, query))
  expect(await refusalOf(rewriting('no xml'), order('api/v2/Search()'))).toBe('upstream_failed')
})

test.each([
  '',
  'v3/flatcontainer/',
  'api/v2/$metadata',
  'v2/Search()/$count',
  'v3/flatcontainer/acme.tool/1.0.0/readme',
])('%j is not touched', async (path) => {
  expect((await deliver(rewriting('<a>'), order(path))).content.toString()).toBe('<a>')
})

test('packages are not touched', async () => {
  const path = 'v3/flatcontainer/acme.tool/1.0.0/acme.tool.1.0.0.nupkg'
  expect((await deliver(rewriting('bytes'), order(path, only('1.0.0')))).content.toString()).toBe('bytes')
})

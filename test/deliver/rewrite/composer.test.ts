import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeliveryOrder } from '../../../src/deliver/contract.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, orderFor, refusalOf } from '../orders.ts'
import { fixedStorage } from './documents.ts'
import { rewritingOf } from './rewriter-of.ts'

const GATE = 'https://dl.example.com/SECRET/acme/php/'
const STORAGE = 'https://satis.example.com/root/'
const REFERENCE = '0123456789abcdef0123456789abcdef01234567'

type Version = Readonly<Record<string, unknown>>

function order(path: string, more: Partial<DeliveryOrder> = {}): DeliveryOrder {
  return orderFor('', { artifact: FORMAT_RULES.composer.recognize(path), baseUrl: GATE, ...more })
}

/** A token that may fetch these versions of all packages but `acme/other`. */
function only(...versions: readonly string[]): Pick<DeliveryOrder, 'includes'> {
  return {
    includes: (path) => {
      const { name, version } = FORMAT_RULES.composer.recognize(path)
      return name !== 'acme/other' && (version === undefined || versions.includes(version))
    },
  }
}

async function rewrite(document: unknown, asked: DeliveryOrder, storage?: string): Promise<unknown> {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  const failures: string[] = []
  const onFailure = (error: Error): void => void failures.push(error.message)
  const deliverer = rewritingOf('composer', fixedStorage(text).deliverer, storage ?? STORAGE, { onFailure })
  const opened = await deliver(deliverer, asked).catch((error: unknown) => error)
  if (opened instanceof Error) throw new Error(failures[0] ?? opened.message)
  return JSON.parse((opened as { content: Buffer }).content.toString())
}

function entry(number: string, url = `${STORAGE}dist/x-${number}.zip`): Version {
  return {
    name: 'acme/tool',
    version: number,
    dist: { type: 'zip', url, reference: REFERENCE, shasum: '' },
  }
}

/** composer/metadata-minifier. */
function expand(versions: readonly Version[]): Version[] {
  let before: Version = {}
  return versions.map((data) => {
    const whole = Object.entries({ ...before, ...data }).filter(([, value]) => value !== '__unset')
    before = Object.fromEntries(whole)
    return before
  })
}

function minify(versions: readonly Version[]): Version[] {
  return versions.map((data, index) => {
    const before = versions[index - 1] ?? {}
    const changed = Object.entries(data).filter(
      ([key, value]) => JSON.stringify(before[key]) !== JSON.stringify(value),
    )
    const gone = Object.keys(before).filter((key) => !(key in data))
    return Object.fromEntries([...changed, ...gone.map((key) => [key, '__unset'] as const)])
  })
}

function versionsIn(document: unknown, name = 'acme/tool'): Version[] {
  return (document as { packages: Record<string, Version[]> }).packages[name] ?? []
}

describe('the document of a package', () => {
  test('names archives by paths that tell name and version, and leaves the rest', async () => {
    const other = { minified: 'composer/2.0', 'security-advisories': [], x: '\u00e9' }
    const given = { ...other, packages: { 'acme/tool': [entry('1.0.0')] } }
    expect(await rewrite(given, order('p2/acme/tool.json'))).toEqual({
      ...other,
      packages: { 'acme/tool': [entry('1.0.0', `${GATE}-/acme/tool/1.0.0/${REFERENCE}.zip`)] },
    })
  })

  test.each([
    ['1.0.0', { reference: REFERENCE }, `1.0.0/${REFERENCE}.zip`],
    ['1.0.0', { reference: 'a/b', shasum: 'ab12' }, '1.0.0/ab12.zip'],
    ['1.0.0', {}, '1.0.0/archive.zip'],
    ['1.0.0', { reference: null, shasum: '' }, '1.0.0/archive.zip'],
    ['1.0.0', { url: `${STORAGE}x.tar.gz`, type: 'tar' }, '1.0.0/archive.gz'],
    ['1.0.0', { url: `${STORAGE}x.zip?token=1` }, '1.0.0/archive.zip'],
    ['1.0.0', { url: `${STORAGE}zipball/0123`, type: 'tar' }, '1.0.0/archive.tar'],
    ['1.0.0', { url: `${STORAGE}zipball/v1.0` }, '1.0.0/archive.zip'],
    ['1.0.0', { url: `${STORAGE}x.ZIP` }, '1.0.0/archive.zip'],
    ['dev-feature/x y', {}, 'dev-feature/x%20y/archive.zip'],
    ['1.0.0+b', {}, '1.0.0%2Bb/archive.zip'],
  ])('names the archive of %s with %j', async (number, said, place) => {
    const dist = { url: `${STORAGE}x.zip`, type: 'zip', ...said }
    const given = { packages: { 'acme/tool': [{ version: number, dist }] } }
    const [found] = versionsIn(await rewrite(given, order('p2/acme/tool.json')))
    expect(found?.['dist']).toEqual({ ...dist, url: `${GATE}-/acme/tool/${place}` })
  })

  test('leaves out mirrors, reports of installations, and archives that lie nowhere on the web', async () => {
    const mirrors = [{ url: STORAGE, preferred: true }]
    const dist = { url: `${STORAGE}x.zip`, type: 'zip', mirrors }
    const given = {
      packages: {
        'acme/tool': [
          { version: '3.0', dist, 'notification-url': STORAGE },
          { version: '2.0', dist: { url: '/srv/x', type: 'path' } },
          { version: '1.0', dist: { url: 'ftp://x.example.com/x.zip', type: 'zip' } },
          { version: '0.9', source: { type: 'git', url: 'https://git.example.com/x.git' } },
          { version: '../../x', dist },
        ],
      },
    }
    expect(versionsIn(await rewrite(given, order('p2/acme/tool.json')))).toEqual([
      { version: '3.0', dist: { url: `${GATE}-/acme/tool/3.0/archive.zip`, type: 'zip' } },
      { version: '2.0', dist: { url: `${GATE}-/acme/tool/2.0/archive.zip`, type: 'path' } },
      { version: '1.0', dist: null },
      { version: '0.9', source: { type: 'git', url: 'https://git.example.com/x.git' } },
    ])
  })

  test('names archives in small letters, as Composer does packages', async () => {
    const given = { packages: { 'Acme/Tool': [entry('1.0.0')] } }
    const [found] = versionsIn(await rewrite(given, order('p2/acme/tool.json')), 'Acme/Tool')
    expect(found?.['dist']).toMatchObject({ url: `${GATE}-/acme/tool/1.0.0/${REFERENCE}.zip` })
  })

  test('takes a list of versions for what it is also as an object', async () => {
    const given = { packages: { 'acme/tool': { '1.0.0': entry('1.0.0'), '2.0.0': entry('2.0.0') } } }
    expect(await rewrite(given, order('p2/acme/tool.json', only('2.0.0')))).toMatchObject({
      packages: { 'acme/tool': { '2.0.0': { version: '2.0.0' } } },
    })
  })

  test('says of each version that stays what it said, however much is left out before it', async () => {
    const value = fc.constantFrom(undefined, 'a', 'b', ['x'], { k: 1 })
    const anyEntry = fc.record({ description: value, require: value, extra: value, hasDist: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyEntry, fc.boolean()), { minLength: 1, maxLength: 8 }),
        async (all) => {
          const versions = all.map(([{ hasDist, ...data }, isKept], index) => {
            const { dist } = entry('x')
            const number = `${index}.0.${isKept ? 1 : 0}`
            return JSON.parse(
              JSON.stringify({ version: number, ...data, ...(hasDist ? { dist } : {}) }),
            ) as Version
          })
          const kept = versions.filter((each) => String(each['version']).endsWith('1'))
          const given = { packages: { 'acme/tool': minify(versions) }, minified: 'composer/2.0' }
          const includes = only(...kept.map((each) => String(each['version'])))
          const found = expand(versionsIn(await rewrite(given, order('p2/acme/tool.json', includes))))
          const expected = kept.map((each) => {
            const place = `${GATE}-/acme/tool/${String(each['version'])}/${REFERENCE}.zip`
            return each['dist'] === undefined
              ? each
              : { ...each, dist: { ...(entry('x', place)['dist'] as object) } }
          })
          expect(found).toEqual(expected)
        },
      ),
    )
  })

  test('is empty when no version is left: Composer gives up where one is refused', async () => {
    const given = { packages: { 'acme/tool': [entry('1.0.0')] } }
    expect(await rewrite(given, order('p2/acme/tool.json', only('2.0.0')))).toEqual({ packages: {} })
    expect(await rewrite({ packages: { 'acme/tool': [] } }, order('p2/acme/tool~dev.json'))).toEqual({
      packages: {},
    })
  })

  test.each([
    ['[]', 'is no JSON object'],
    ['{"packages":{"acme/tool":"x"}}', 'neither JSON array nor object'],
    ['{"packages":{"acme/tool":["x"]}}', 'no JSON object'],
    ['{"packages":["x"]}', 'no JSON object'],
    ['{"packages":"x"}', 'no JSON object'],
    ['{"packages":{', 'no JSON'],
  ])('is refused when it is %s', async (document, message) => {
    await expect(rewrite(document, order('p2/acme/tool.json'))).rejects.toThrow(message)
  })
})

describe('the root', () => {
  const root = {
    packages: [],
    'metadata-url': '/root/p2/%package%.json',
    'available-packages': ['acme/tool', 'acme/other'],
    'available-package-patterns': ['acme/*'],
    warning: 'old',
  }

  test('leads to the gate and nowhere else', async () => {
    const given = {
      ...root,
      'notify-batch': `${STORAGE}downloads`,
      notify: `${STORAGE}downloads`,
      mirrors: [{ 'dist-url': `${STORAGE}%package%` }],
      'providers-url': '/root/p/%package%$%hash%.json',
      'provider-includes': { 'p/x$%hash%.json': { sha256: '0' } },
      'providers-api': `${STORAGE}providers/%package%.json`,
      includes: { 'include/all$0.json': { sha1: '0' } },
      search: '/root/search.json?q=%query%&type=%type%',
      list: `${STORAGE}packages/list.json`,
      'security-advisories': { metadata: true, 'api-url': `${STORAGE}advisories` },
      unheard: `${STORAGE}of`,
    }
    const found = await rewrite(given, order('packages.json'))
    expect(found).toEqual({
      ...root,
      'metadata-url': `${GATE}p2/%package%.json`,
      search: `${GATE}search.json?q=%query%&type=%type%`,
      list: `${GATE}packages/list.json`,
      'security-advisories': { metadata: true },
    })
  })

  test('names only packages that the client may ask about, and no lists of all', async () => {
    const given = {
      ...root,
      search: '/root/search.json?q=%query%',
      list: '/root/list.json',
      'security-advisories': { 'api-url': STORAGE },
    }
    expect(await rewrite(given, order('packages.json', only()))).toEqual({
      ...root,
      'metadata-url': `${GATE}p2/%package%.json`,
      'available-packages': ['acme/tool'],
    })
  })

  test.each([
    `${STORAGE}p2/%package%.json`,
    'https://other.example.com/p2/%package%.json',
    '//satis.example.com/root/p2/%package%.json',
    'p2/%package%.json',
  ])('understands %s', async (url) => {
    const found = await rewrite({ 'metadata-url': url }, order('packages.json'))
    expect(found).toEqual({ 'metadata-url': `${GATE}p2/%package%.json` })
  })

  test('changes packages that stand in it', async () => {
    const given = {
      packages: {
        'acme/tool': { '1.0.0': entry('1.0.0'), '2.0.0': entry('2.0.0') },
        'acme/other': { '1.0.0': entry('1.0.0') },
      },
    }
    expect(await rewrite(given, order('packages.json', only('1.0.0')))).toEqual({
      packages: {
        'acme/tool': { '1.0.0': entry('1.0.0', `${GATE}-/acme/tool/1.0.0/${REFERENCE}.zip`) },
      },
    })
  })

  test('may be empty, but not in the form of Composer 1', async () => {
    expect(await rewrite({ packages: [] }, order('packages.json'))).toEqual({ packages: [] })
    const message = /neither packages nor a metadata-url of p2/
    const old = { packages: [], includes: { 'include/all.json': {} } }
    await expect(rewrite(old, order('packages.json'))).rejects.toThrow(message)
    await expect(rewrite({ 'metadata-url': '/x/%package%.json' }, order('packages.json'))).rejects.toThrow(
      message,
    )
    await expect(rewrite('[]', order('packages.json'))).rejects.toThrow('no JSON object')
  })
})

test('nothing but documents is rewritten', async () => {
  const deliverer = rewritingOf('composer', fixedStorage('bytes').deliverer, STORAGE, {
    onFailure: () => undefined,
  })
  const archive = await deliver(deliverer, order('-/acme/tool/1.0.0/archive.zip'))
  expect(archive.content.toString()).toBe('bytes')
  expect(await refusalOf(deliverer, order('packages.json'))).toBe('upstream_failed')
})

test('long documents are rewritten with others running in between', async () => {
  const versions = Array.from({ length: 20_000 }, (_, index) => entry(`1.0.${index}`))
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const given = { packages: { 'acme/tool': minify(versions) }, minified: 'composer/2.0' }
  const found = await rewrite(given, order('p2/acme/tool.json', only('1.0.7', '1.0.19999')))
  clearInterval(timer)
  expect(expand(versionsIn(found)).map((each) => each['version'])).toEqual(['1.0.7', '1.0.19999'])
  expect(turns).toBeGreaterThan(5)
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeliveryOrder } from '../../../src/deliver/contract.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, orderFor, refusalOf } from '../orders.ts'
import { fixedStorage } from './documents.ts'
import { rewritingOf } from './rewriter-of.ts'

const GATE = 'https://dl.example.com/SECRET/acme/python/'
const STORAGE = 'https://pypi.example.com/root/'
const WHEEL = 'acme_tool-1.0-py3-none-any.whl'
const HTML = ['content-type', 'text/html']

function pageOrder(more: Partial<DeliveryOrder> = {}, path = 'simple/acme-tool/'): DeliveryOrder {
  return orderFor('', { artifact: FORMAT_RULES.python.recognize(path), baseUrl: GATE, ...more })
}

interface Answer {
  readonly text: string
  readonly failures: readonly string[]
}

async function rewrite(
  document: string,
  more: Partial<DeliveryOrder> = {},
  storage: string | undefined = STORAGE,
  path?: string,
): Promise<Answer> {
  const failures: string[] = []
  const onFailure = (error: Error): void => void failures.push(error.message)
  const deliverer = rewritingOf('python', fixedStorage(document, HTML).deliverer, storage, { onFailure })
  const { content } = await deliver(deliverer, pageOrder(more, path))
  return { text: content.toString(), failures }
}

async function refusal(document: string, more: Partial<DeliveryOrder> = {}): Promise<string> {
  const options = { onFailure: () => undefined }
  return refusalOf(
    rewritingOf('python', fixedStorage(document, HTML).deliverer, STORAGE, options),
    pageOrder(more),
  )
}

/** A token that may fetch these versions. */
function only(...versions: readonly string[]): Pick<DeliveryOrder, 'includes'> {
  return {
    includes: (path) => {
      const { kind, version } = FORMAT_RULES.python.recognize(path)
      return kind === 'package' && version !== undefined && versions.includes(version)
    },
  }
}

function linksOf(html: string): string[] {
  return [...html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link ?? '')
}

describe('a page in HTML', () => {
  test('names files below the gate, with their hashes and all that is said of them', async () => {
    const { text } =
      await rewrite(`<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.1">
      <title>Links <a href="${STORAGE}x"></title></head><body><h1>Links</h1>
      <a href="../../packages/ab/${WHEEL}#sha256=0123" data-requires-python="&gt;=3.8" data-core-metadata="sha256=45"
        data-yanked="broken &amp; gone" onclick="x()">${WHEEL}</a><br/></body></html>`)
    expect(text).toBe(`<!DOCTYPE html>
<html>
<body>
<meta name="pypi:repository-version" content="1.1">
<a href="${GATE}packages/ab/${WHEEL}#sha256=0123" data-requires-python="&#62;=3.8" data-core-metadata="sha256=45" data-yanked="broken &#38; gone">${WHEEL}</a><br>
</body>
</html>
`)
  })

  test.each([
    [`${STORAGE}packages/${WHEEL}`, `packages/${WHEEL}`],
    [`/root/packages/${WHEEL}`, `packages/${WHEEL}`],
    [`//pypi.example.com/root/packages/${WHEEL}`, `packages/${WHEEL}`],
    [`HTTPS://PyPI.example.com:443/root/packages/${WHEEL}?sig=1#md5=0`, `packages/${WHEEL}#md5=0`],
    [WHEEL, `simple/acme-tool/${WHEEL}`],
    [`./${WHEEL}`, `simple/acme-tool/${WHEEL}`],
    [`https://files.example.net/packages/ab/cd/${WHEEL}`, `packages/ab/cd/${WHEEL}`],
    [`https://pypi.public.example/root/files/${WHEEL}`, `files/${WHEEL}`],
    [`https://cdn.example.net/${WHEEL}`, WHEEL],
    [
      '../../packages/torch-2.1.0%2Bcu118-cp311-cp311-linux_x86_64.whl',
      'packages/torch-2.1.0%2Bcu118-cp311-cp311-linux_x86_64.whl',
    ],
    [
      '../../packages/torch-2.1.0+cu118-cp311-cp311-linux_x86_64.whl',
      'packages/torch-2.1.0%2Bcu118-cp311-cp311-linux_x86_64.whl',
    ],
    [`../../../../${WHEEL}`, WHEEL],
  ])('leads %s below the gate', async (link, place) => {
    expect(linksOf((await rewrite(`<a href="${link}">x</a>`)).text)).toEqual([GATE + place])
  })

  test.each([
    `<A HREF='../../packages/${WHEEL}'>x</A>`,
    `<a\n\tdata-x  href = ../../packages/${WHEEL} >x</a>`,
    `<a href="../../packages/acme&#95;tool-1.0-py3-none-any&#x2e;whl">`,
    `<a href="../../packages/${WHEEL}" href="https://elsewhere.example/">x</a>`,
    `<base href="${STORAGE}packages/"><a href="${WHEEL}">x</a>`,
    `<p><a href="../../packages/${WHEEL}"><b>x</b></a></p>`,
  ])('reads %s as clients do', async (html) => {
    expect(linksOf((await rewrite(html)).text)).toEqual([`${GATE}packages/${WHEEL}`])
  })

  test.each([
    '<!-- <a href="x.whl"> -->',
    '<script>"<a href=\\"x.whl\\">"</script>',
    '<a name="x">x</a>',
    '<a href="mailto:a@example.com">x</a>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="https://[broken/x.whl">x</a>',
    '<a href="x.whl',
    '<!-- <a href="x.whl">',
    '</a href="x.whl">',
    'a href="x.whl"',
    '',
  ])('sees no link in %s', async (html) => {
    expect(linksOf((await rewrite(html)).text)).toEqual([])
  })

  test('leaves scripts, styles and text of the storage out', async () => {
    const { text } = await rewrite(
      `<script src="https://evil.example/x.js"></script><img src=x onerror=alert(1)><a href="${WHEEL}" style="x" data-gpg-sig='"><script>'>&lt;script&gt;</a>`,
    )
    expect(text).not.toMatch(/<script|<img|onerror|style|evil/)
    expect(text).toContain('data-gpg-sig="&#34;&#62;&#60;script&#62;"')
  })

  test('leads a browser from the list of projects to their pages', async () => {
    const html = '<a href="/root/simple/acme-tool/">acme-tool</a><a href="other/">other</a>'
    const { text } = await rewrite(html, {}, STORAGE, 'simple/')
    expect(linksOf(text)).toEqual([`${GATE}simple/acme-tool/`, `${GATE}simple/other/`])
    expect(text).toContain('>acme-tool</a>')
  })

  test('names only files that the client may fetch', async () => {
    const html = ['1.0', '1.1', '2.0'].map(
      (each) => `<a href="../../packages/acme_tool-${each}-py3-none-any.whl">x</a>`,
    )
    const { text } = await rewrite(html.join('\n'), only('1.0', '2.0'))
    expect(linksOf(text)).toEqual(
      ['1.0', '2.0'].map((each) => `${GATE}packages/acme_tool-${each}-py3-none-any.whl`),
    )
    expect(text).not.toContain('1.1')
  })

  test('is refused when nothing is left, and not when there was nothing', async () => {
    expect(await refusal(`<a href="${WHEEL}">x</a>`, only('9.9'))).toBe('package_not_covered')
    expect((await rewrite('<p>nothing</p>', only('9.9'))).failures).toEqual([])
  })

  test('builds places for a folder, which has no URLs', async () => {
    const { deliverer } = fixedStorage(`<a href="../../packages/${WHEEL}">x</a>`)
    const folder = rewritingOf('python', deliverer, undefined, { onFailure: () => undefined })
    const { content } = await deliver(folder, pageOrder())
    expect(linksOf(content.toString())).toEqual([`${GATE}packages/${WHEEL}`])
  })

  test('never names a place elsewhere, whatever the storage wrote', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '<a ',
        'href=',
        '"',
        "'",
        '>',
        '</a>',
        '<',
        '<!--',
        '-->',
        '<base href="https://evil.example/">',
        ' ',
        'https://evil.example/x.whl',
      ),
      fc.constantFrom(
        '//evil.example/',
        '/x',
        '&quot;',
        '&#62;',
        'data-provenance=',
        '<script>',
        '</script>',
        '\u0000',
        'ü',
      ),
      fc.string({ maxLength: 5 }),
    )
    const property = fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const { text } = await rewrite(`<p>${pieces.join('')}`)
      for (const link of linksOf(text)) expect(link.startsWith(GATE)).toBe(true)
      expect(text).toMatch(/^[\n -~]*$/)
      expect(
        text.replaceAll(
          /<(?:!DOCTYPE html|\/?html|\/?body|br|\/a|a href="[^"<>]*"(?: data-[a-z-]+="[^"<>]*")*|meta name="[^"<>]*" content="[^"<>]*")>/g,
          '',
        ),
      ).not.toMatch(/[<>]/)
    })
    await fc.assert(property, { numRuns: 1000 })
  })
})

describe('a page in JSON', () => {
  const file = (version: string, more: object = {}): object => ({
    filename: `acme_tool-${version}-py3-none-any.whl`,
    url: `https://files.example.net/packages/acme_tool-${version}-py3-none-any.whl`,
    hashes: { sha256: '0123' },
    'core-metadata': { sha256: '45' },
    ...more,
  })
  const page = (versions: readonly string[], more: object = {}): string =>
    JSON.stringify({
      meta: { 'api-version': '1.1' },
      name: 'acme-tool',
      files: versions.map((each) => file(each)),
      versions,
      ...more,
    })

  test('names files below the gate, and changes no byte besides', async () => {
    const text = page(['1.0', '1.1'])
    expect((await rewrite(text)).text).toBe(text.replaceAll('https://files.example.net/', GATE))
  })

  test('names only files and versions that the client may fetch', async () => {
    const { text } = await rewrite(page(['1.0', '1.0.1', '1.1', '2.0']), only('1.0', '2.0'))
    const { files, versions } = JSON.parse(text) as { files: { filename: string }[]; versions: string[] }
    expect(files.map(({ filename }) => filename)).toEqual(
      ['1.0', '2.0'].map((each) => `acme_tool-${each}-py3-none-any.whl`),
    )
    expect(versions).toEqual(['1.0', '2.0'])
  })

  test('judges a file by its place, not by the name that it gives itself', async () => {
    const files = [
      file('1.0', { url: file('2.0', {}) && 'packages/acme_tool-2.0-py3-none-any.whl' }),
      file('1.0'),
    ]
    const { text } = await rewrite(page([], { files }), only('1.0'))
    expect(text).not.toContain('2.0')
    expect((JSON.parse(text) as { files: unknown[] }).files).toHaveLength(1)
  })

  test('leaves a file out whose URL leads nowhere, or that has none', async () => {
    const files = [
      file('1.0', { url: 'ftp://x/y.whl' }),
      file('1.1', { url: 7 }),
      { filename: 'x.whl' },
      file('2.0'),
    ]
    const { text } = await rewrite(page([], { files }))
    expect((JSON.parse(text) as { files: unknown[] }).files).toHaveLength(1)
  })

  test('leads to provenance through the gate, or nowhere', async () => {
    const provenance = (url: string): object => file('1.0', { provenance: url })
    const files = [
      provenance(`${STORAGE}packages/${WHEEL}.provenance`),
      provenance('ftp://x/'),
      file('1.0', { provenance: null }),
    ]
    const { text } = await rewrite(page([], { files }))
    const places = (JSON.parse(text) as { files: { provenance: unknown }[] }).files.map(
      (each) => each.provenance,
    )
    expect(places).toEqual([`${GATE}packages/${WHEEL}.provenance`, null, null])
  })

  test('is refused when nothing is left', async () => {
    expect(await refusal(page(['1.0']), only('9.9'))).toBe('package_not_covered')
  })

  test.each(['{"files":', '{"files":{"a":{"url":"https://evil.example/x.whl"}}}', '{"files":[{]}'])(
    'is refused when it is %s',
    async (text) => {
      expect(await refusal(text)).toBe('upstream_failed')
    },
  )
})

test.each(['simple/acme-tool', 'simple/acme-tool/', '+simple/acme-tool/'])('%s is a page', async (path) => {
  const { text } = await rewrite(`<a href="${STORAGE}packages/${WHEEL}">x</a>`, {}, STORAGE, path)
  expect(linksOf(text)).toEqual([`${GATE}packages/${WHEEL}`])
})

test('leaves files and their metadata to the storage', async () => {
  for (const path of [`packages/${WHEEL}`, `packages/${WHEEL}.metadata`, 'packages/']) {
    const storage = fixedStorage('<a href="https://evil.example/x">')
    const deliverer = rewritingOf('python', storage.deliverer, STORAGE, { onFailure: () => undefined })
    const order = pageOrder({}, path)
    await deliver(deliverer, order)
    expect(storage.orders[0]).toBe(order)
  }
})

/** Most turns of the loop that a whole page may take away from others, told by what a page of 20 MB is cut into. */
const FEWEST_TURNS = 20

test.each([
  [
    'HTML',
    (links: readonly string[]) =>
      links.map((link) => `<a href="${link}" data-requires-python="&gt;=3.8">x</a>\n`).join(''),
  ],
  [
    'JSON',
    (links: readonly string[]) =>
      JSON.stringify({ files: links.map((url) => ({ url, filename: url.slice(30, 70), hashes: {} })) }),
  ],
])('rewrites 20 MB of %s and lets others run in between', async (_, write) => {
  const links = Array.from(
    { length: 160_000 },
    (__, minor) => `${STORAGE}packages/ab/acme_tool-1.${minor}-py3-none-any.whl#sha256=${'0'.repeat(40)}`,
  )
  const document = write(links)
  expect(document.length).toBeGreaterThan(18_000_000)
  let [turns, isOver] = [0, false]
  const countTurns = (): void => {
    turns++
    if (!isOver) setImmediate(countTurns)
  }
  countTurns()
  const answer = await rewrite(document, only('1.0', '1.7'))
  isOver = true
  expect(answer.text.match(/whl#sha256=/g)).toHaveLength(2)
  expect(turns).toBeGreaterThan(FEWEST_TURNS)
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver } from '../orders.ts'
import { documentOrder, fixedStorage, GATE, rewritten, STORAGE } from './documents.ts'

async function rewrite(
  text: string,
  name: string,
  version?: string,
  upstreamUrl: string | undefined = STORAGE,
): Promise<string> {
  const { deliverer } = rewritten(fixedStorage(text).deliverer, { upstreamUrl })
  return (await deliver(deliverer, documentOrder(name, version))).content.toString()
}

/** Where the only tarball of a document leads, below the gate. */
async function place(tarball: string, name: string, version?: string, upstreamUrl?: string): Promise<string> {
  const document = JSON.stringify({ dist: { tarball } })
  const parsed = JSON.parse(await rewrite(document, name, version, upstreamUrl)) as {
    dist: { tarball: string }
  }
  const url = parsed.dist.tarball
  return url.startsWith(GATE) ? url.slice(GATE.length) : `elsewhere: ${url}`
}

test('changes the tarballs of a packument and not a byte besides', async () => {
  const packument = (base: string): string => `{
  "_id":"@acme/widget", "name" : "@acme/widget",
  "dist-tags":{"latest":"1.10.0"},
  "versions":{"1.10.0":{"name":"@acme/widget","version":"1.10.0","description":"gr\\u00fc\u00dfe",
    "dist":{"integrity":"sha512-abc==","shasum":"0123","tarball":"${base}@acme/widget/-/widget-1.10.0.tgz","fileCount":3,
      "signatures":[{"keyid":"SHA256:x","sig":"MEUC"}]}},
   "1.2.0-rc.1+build.5":{"dist":{"tarball" :\t"${base}@acme/widget/-/widget-1.2.0-rc.1%2Bbuild.5.tgz"}}},
  "time":{"modified":"2026-01-01T00:00:00.000Z"},
  "readme":"set \\"tarball\\":\\"${STORAGE}x.tgz\\" and \\\\\\"tarball\\\\\\": \\"y\\"","homepage":"${STORAGE}"}
`
  expect(await rewrite(packument(STORAGE), '@acme/widget')).toBe(packument(GATE))
})

test.each([
  [`${STORAGE}plain/-/plain-1.0.0.tgz`, 'plain/-/plain-1.0.0.tgz'],
  [`${STORAGE}plain/-/plain-1.0.0.tgz?sig=abc#x`, 'plain/-/plain-1.0.0.tgz'],
  [`${STORAGE}files/anything/abc.tgz`, 'files/anything/abc.tgz'],
  ['/npm/plain/-/plain-1.0.0.tgz', 'plain/-/plain-1.0.0.tgz'],
  ['//registry.example.com/npm/plain/-/plain-1.0.0.tgz', 'plain/-/plain-1.0.0.tgz'],
  ['HTTPS://Registry.Example.com:443/npm/plain/-/plain-1.0.0.tgz', 'plain/-/plain-1.0.0.tgz'],
])('keeps the path of %s, which lies below the storage', async (tarball, path) => {
  expect(await place(tarball, 'plain')).toBe(path)
})

test.each([
  ['https://cdn.example.net/t/plain-1.0.0.tgz', 'plain'],
  ['https://cdn.example.net/plain/-/plain-1.0.0.tgz', 'plain'],
  ['http://registry.example.com/npm/plain/-/plain-1.0.0.tgz', 'plain'],
  ['https://registry.example.com/other/plain/-/plain-1.0.0.tgz', 'plain'],
  ['https://registry.example.com:8443/npm/plain/-/plain-1.0.0.tgz', 'plain'],
  ['https://registry.example.com.evil.example/npm/plain/-/plain-1.0.0.tgz', 'plain'],
  ['https://registry.example.com/npm/../plain-1.0.0.tgz', 'plain'],
  ['/other/plain-1.0.0.tgz', 'plain'],
  ['https://codeload.example/@acme%2fwidget-1.0.0.tgz', '@acme/widget'],
  ['https://cdn.example.net/acme/widget-1.0.0.tgz', '@acme/widget'],
])('builds the path of %s, which is not below the storage', async (tarball, name) => {
  const own = name.slice(name.indexOf('/') + 1)
  expect(await place(tarball, name)).toBe(`${name}/-/${own}-1.0.0.tgz`)
})

test('keeps the layouts that registries have, whatever their host', async () => {
  const old = '@s/n/-/@s/n-1.0.0.tgz'
  const github = `download/@s/n/1.0.0/${'ab'.repeat(20)}`
  expect(await place(`https://old.example/${old}`, '@s/n')).toBe(old)
  expect(await place(`https://npm.pkg.example/${github}`, '@s/n')).toBe(github)
  expect(FORMAT_RULES.npm.recognize(old)).toMatchObject({ kind: 'package', name: '@s/n', version: '1.0.0' })
  expect(FORMAT_RULES.npm.recognize(github)).toMatchObject({
    kind: 'package',
    name: '@s/n',
    version: '1.0.0',
  })
})

test('takes the version from the document of a version where the URL does not tell it', async () => {
  expect(await place('https://cdn.example.net/blobs/0123abcd', '@s/n', '2.0.0')).toBe('@s/n/-/n-2.0.0.tgz')
})

test('leads to nothing, but never around the gate, where nothing tells the version', async () => {
  const path = await place('https://cdn.example.net/blobs/0123%2Fabcd?sig=1', '@s/n')
  expect(path).toBe('@s/n/-/abcd')
  expect(FORMAT_RULES.npm.recognize(path)).toMatchObject({ kind: 'unknown' })
})

test('builds paths for a folder, which has no URLs', async () => {
  const rewriteFolder = (text: string): Promise<string> => {
    const { deliverer } = rewritten(fixedStorage(text).deliverer, { upstreamUrl: undefined })
    return deliver(deliverer, documentOrder('n')).then(({ content }) => content.toString())
  }
  for (const url of [
    'http://127.0.0.1:4873/n/-/n-1.0.0.tgz',
    '/n/-/n-1.0.0.tgz',
    'http://nowhere.invalid/n-1.0.0.tgz',
  ]) {
    expect(await rewriteFolder(`{"tarball":"${url}"}`)).toBe(`{"tarball":"${GATE}n/-/n-1.0.0.tgz"}`)
  }
})

test('reads escapes in URLs as JSON does', async () => {
  const text = '{"tarball":"https:\\/\\/registry.example.com\\/npm\\/n\\/-\\/n-1.0.0\\u002etgz"}'
  expect(await rewrite(text, 'n')).toBe(`{"tarball":"${GATE}n/-/n-1.0.0.tgz"}`)
})

test.each([
  '{"tarball":null}',
  '{"tarball":{"url":"https://registry.example.com/npm/x.tgz"}}',
  '{"tarball":["https://registry.example.com/npm/x.tgz"]}',
  '{"tarball":"see the handbook"}',
  '{"tarball":"git+ssh://git@example.com/x.git"}',
  '{"tarball":"file:../x.tgz"}',
  '{"tarball":"https://[broken/x.tgz"}',
  '{"tarball":"https://registry.example.com/npm/x.tgz',
  '{"tarball":"https://registry.example.com/npm/x.tgz\\"}',
  '{"tarball"',
  '["tarball", "https://registry.example.com/npm/x.tgz"]',
  '{"a\\"tarball":"https://registry.example.com/npm/x.tgz"}',
  '{"my-tarball":"https://registry.example.com/npm/x.tgz"}',
  '{"keywords":["tarball"],"name":"https://registry.example.com/npm/x.tgz"}',
  '',
])('leaves %s as it is', async (text) => {
  expect(await rewrite(text, 'n')).toBe(text)
})

test('leaves bytes that are not UTF-8 as they are', async () => {
  const before = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x2c])
  const after = Buffer.from(`"tarball":"${STORAGE}n/-/n-1.0.0.tgz"}`)
  const { deliverer } = rewritten(fixedStorage(Buffer.concat([before, after])).deliverer)
  const { content } = await deliver(deliverer, documentOrder('n'))
  expect(content.subarray(0, before.length)).toEqual(before)
})

const url = fc.oneof(
  fc.webUrl(),
  fc.webPath().map((path) => `https://registry.example.com/npm${path}`),
  fc.string(),
)
const document = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"tarball":"https://registry.example.com/npm/x"', '\\"tarball\\": \\"', '"tarball"'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('x"tarball', 'tarball\\', '"tarball":"http://x/"'),
      ),
      tie('value'),
      { maxKeys: 4 },
    ),
    fc.record({ dist: fc.record({ tarball: url, shasum: fc.string() }), version: fc.string() }),
  ),
})).value

test('changes nothing of any document but its tarballs, and these only to places below the gate', async () => {
  await fc.assert(
    fc.asyncProperty(document, fc.constantFrom(undefined, 1, '\t'), async (value, space) => {
      const text = JSON.stringify(value, undefined, space)
      const result = await rewrite(text, '@s/n')
      expect(blank(JSON.parse(result))).toEqual(blank(JSON.parse(text)))
      for (const tarball of tarballsOf(JSON.parse(result))) {
        expect(
          tarball.startsWith(GATE) ||
            !/^(https?:)?\/\/[^/]|^\//i.test(tarball) ||
            !URL.canParse(tarball, STORAGE),
        ).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})

/** A document without its tarballs. */
function blank(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, each: unknown) => (isTarball(key, each) ? '…' : each)))
}

function tarballsOf(value: unknown): string[] {
  const found: string[] = []
  JSON.stringify(value, (key, each: unknown) => {
    if (isTarball(key, each)) found.push(String(each))
    return each
  })
  return found
}

function isTarball(key: string, value: unknown): boolean {
  return key === 'tarball' && typeof value === 'string'
}

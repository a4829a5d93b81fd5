import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMarshalReader, marshalCount } from '../../../src/deliver/rewrite/marshal.ts'
import { filterSpecs } from '../../../src/deliver/rewrite/ruby-specs.ts'
import type { DeliveryOrder } from '../../../src/deliver/contract.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { runOrFail } from '../../support/processes.ts'
import { deliver, orderFor, refusalOf, type Delivered } from '../orders.ts'
import { fixedStorage, type FixedStorage } from './documents.ts'
import { rewritingOf } from './rewriter-of.ts'

const VERSIONS = `created_at: 2026-01-01T00:00:00Z
---
tool 1.0,1.1-java,2.0 0123456789abcdef0123456789abcdef
lib 1.0 0123456789abcdef0123456789abcdef
tool -1.0 fedcba9876543210fedcba9876543210
other 3.0 0123456789abcdef0123456789abcdef
`

/** A token that may fetch these gems, each `NAME-VERSION`, and ask about their names. */
function only(path: string, ...gems: readonly string[]): DeliveryOrder {
  const { recognize } = FORMAT_RULES.ruby
  const includes = (asked: string): boolean => {
    const { name, version } = recognize(asked)
    return version === undefined
      ? gems.some((gem) => gem.startsWith(`${name}-`))
      : gems.includes(`${name}-${version}`)
  }
  return orderFor('', { artifact: recognize(path), includes })
}

function rewriting(content: Buffer | string): {
  deliverer: ReturnType<typeof rewritingOf>
  storage: FixedStorage
} {
  const storage = fixedStorage(content, ['etag', '"storage"', 'accept-ranges', 'bytes', 'repr-digest', 'x'])
  return {
    storage,
    deliverer: rewritingOf('ruby', storage.deliverer, undefined, { onFailure: () => undefined }),
  }
}

async function given(content: Buffer | string, order: DeliveryOrder): Promise<Delivered> {
  return deliver(rewriting(content).deliverer, order)
}

test('names in the list of versions only those that the client may fetch', async () => {
  const { content } = await given(VERSIONS, only('versions', 'tool-1.0', 'tool-1.1', 'lib-1.0'))
  expect(content.toString()).toBe(`created_at: 2026-01-01T00:00:00Z
---
tool 1.0,1.1-java 0123456789abcdef0123456789abcdef
lib 1.0 0123456789abcdef0123456789abcdef
tool -1.0 fedcba9876543210fedcba9876543210
`)
})

test('has the MD5 of what is left as ETag, and no part of it', async () => {
  const order = only('versions', 'lib-1.0')
  const headers = { range: 'bytes=10-', 'if-none-match': '"storage"' }
  const answer = await given(VERSIONS, { ...order, headers })
  const etag = `"${createHash('md5').update(answer.content).digest('hex')}"`
  expect([answer.status, answer.header('etag')]).toEqual([200, etag])
  expect([answer.header('accept-ranges'), answer.header('repr-digest')]).toEqual([undefined, undefined])
  const again = await given(VERSIONS, { ...order, headers: { 'if-none-match': etag, range: 'bytes=10-' } })
  expect(again.status).toBe(304)
})

test('gives a list to who may fetch everything as it is, and asks as the client did', async () => {
  const { deliverer, storage } = rewriting(VERSIONS)
  const order = { ...orderFor('', { artifact: FORMAT_RULES.ruby.recognize('versions') }) }
  const answer = await deliver(deliverer, order)
  expect([answer.content.toString(), answer.header('etag')]).toEqual([VERSIONS, '"storage"'])
  expect(storage.orders[0]).toBe(order)
})

test('does not take entries for the head of a list', async () => {
  for (const list of ['tool 1.0 0\n---\ntool 2.0 0\n', 'created_at: x\nother 1.0 0\n---\n', 'other 1.0 0'])
    expect((await given(list, only('versions', 'lib-1.0'))).content.toString()).not.toMatch(/tool|other/)
})

test('names only gems that the client may ask about', async () => {
  const { content } = await given('---\nlib\nother\ntool\n', only('names', 'lib-1.0', 'tool-1.0'))
  expect(content.toString()).toBe('---\nlib\ntool\n')
})

test('describes only versions that the client may fetch, and refuses when none is left', async () => {
  const info = '---\n1.0 lib:>= 0|checksum:00\n1.1-java |checksum:11\n2.0 |checksum:22,ruby:>= 3\n'
  const { content } = await given(info, only('info/tool', 'tool-1.1', 'tool-2.0'))
  expect(content.toString()).toBe('---\n1.1-java |checksum:11\n2.0 |checksum:22,ruby:>= 3\n')
  expect(await refusalOf(rewriting(info).deliverer, only('info/tool', 'tool-9'))).toBe('package_not_covered')
  expect((await given('---\n', only('info/tool', 'tool-9'))).content.toString()).toBe('---\n')
})

const DUMP = `
version = Gem::Version.new('1.0')
name = 'tool'
list = [[name, version, 'ruby'], [name, Gem::Version.new('2.0'), nil], ['lib', version, 'java'],
  ['x' * 300, Gem::Version.new('1.0.a'), 'ruby'], ["t\\u00fc", version, 'ruby'], ['ascii'.encode('US-ASCII'), version, 'ruby']]
File.binwrite(ARGV[0], Marshal.dump(list))`
const LOAD = `Marshal.load(File.binread(ARGV[0])).each { |name, version, platform| puts [name, version.class, version, platform, name.encoding].join(' ') }`

test('reads and writes the old index as Ruby does', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'postern-marshal-'))
  try {
    const file = join(directory, 'specs.4.8')
    await runOrFail('ruby', ['-e', DUMP, file])
    const index = await readFile(file)
    const whole = await filterSpecs(index, () => true)
    await writeFile(file, whole)
    expect((await runOrFail('ruby', ['-e', LOAD, file])).split('\n')).toEqual([
      'tool Gem::Version 1.0 ruby UTF-8',
      'tool Gem::Version 2.0 ruby UTF-8',
      'lib Gem::Version 1.0 java UTF-8',
      `${'x'.repeat(300)} Gem::Version 1.0.a ruby UTF-8`,
      'tü Gem::Version 1.0 ruby UTF-8',
      'ascii Gem::Version 1.0 ruby UTF-8',
      '',
    ])
    const order = only('specs.4.8.gz', 'lib-1.0')
    const cut = gunzipSync((await given(gzipSync(index), order)).content)
    await writeFile(file, cut)
    expect(await runOrFail('ruby', ['-e', LOAD, file])).toBe('lib Gem::Version 1.0 java UTF-8\n')
    const none = await given(index, only('prerelease_specs.4.8', 'none-1'))
    expect(none.content).toEqual(Buffer.from([4, 8, 0x5b, 0]))
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('rejects an index that is cut off or something else, and never runs on', async () => {
  const index = await filterSpecs(
    Buffer.concat([Buffer.from('\x04\b[\x06[\b"\x06a"\x060"\tjava')]),
    () => true,
  )
  for (let end = 0; end < index.length; end++)
    await expect(filterSpecs(index.subarray(0, end), () => true)).rejects.toThrow(SyntaxError)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      const broken = Buffer.concat([index.subarray(0, 8), bytes])
      const outcome = await filterSpecs(broken, () => true).catch((error: unknown) => error)
      expect(outcome instanceof SyntaxError || Buffer.isBuffer(outcome)).toBe(true)
    }),
  )
})

test('writes counts as it reads them', () => {
  fc.assert(
    fc.property(fc.nat({ max: 0x7fffffff }), (count) => {
      const array = Buffer.concat([Buffer.from('\x04\b['), marshalCount(count)])
      expect(createMarshalReader(array).array()).toBe(count)
    }),
  )
})

test('cuts down long lists and lets others run in between', async () => {
  const lines = Array.from({ length: 60_000 }, (_, index) => `gem${index} 1.0,1.1,2.0 0123456789abcdef`)
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const { content } = await given(`---\n${lines.join('\n')}\n`, only('versions', 'gem7-1.1'))
  clearInterval(timer)
  expect(content.toString()).toBe('---\ngem7 1.1 0123456789abcdef\n')
  expect(turns).toBeGreaterThan(10)
})

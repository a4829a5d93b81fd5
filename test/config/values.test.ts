import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../src/config/duration.ts'
import { collides, derivePublicUrl, formatListen, parseListen } from '../../src/config/listen.ts'
import { whyNoRepository } from '../../src/config/names.ts'
import { nearest } from '../../src/text/near.ts'
import { parseNetwork } from '../../src/config/network.ts'
import { quote } from '../../src/config/parsed.ts'
import { formatSize, parseSize } from '../../src/config/size.ts'
import { parseStore } from '../../src/config/store-url.ts'
import { parseUpstream } from '../../src/config/upstream.ts'

test.each([
  ['250ms', 250],
  ['5s', 5000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['24h', 86_400_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text, 0)).toEqual({ ok: true, value: ms })
})

test.each(['', '5', 's', '1.5s', '-1s', '5 s', '1h30m', '5S', '1e3s', '25h', '٣s'])(
  '%s is no duration',
  (text) => {
    expect(parseDuration(text, 0).ok).toBe(false)
  },
)

test('every duration up to a day is read back as it was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 86_400_000 }), (ms) => {
      expect(parseDuration(formatDuration(ms), 0)).toEqual({ ok: true, value: ms })
    }),
  )
})

test.each([
  ['0B', 0],
  ['512B', 512],
  ['256KB', 256_000],
  ['256KiB', 262_144],
  ['64MB', 64_000_000],
  ['64MiB', 67_108_864],
  ['1GB', 1e9],
  ['1GiB', 1_073_741_824],
])('%s is %d bytes', (text, bytes) => {
  expect(parseSize(text, 0, 1e10)).toEqual({ ok: true, value: bytes })
})

test.each([
  '',
  '5',
  'MB',
  '1.5MB',
  '-1MB',
  '5 MB',
  '1MB1KB',
  '5mb',
  '5Mb',
  '5M',
  '1e3B',
  '11GB',
  '٣MB',
  '5toString',
])('%s is no size', (text) => {
  expect(parseSize(text, 0, 1e10).ok).toBe(false)
})

test('every size is read back as it was written', () => {
  fc.assert(
    fc.property(fc.nat(999_999_999), fc.constantFrom(1, 1000, 1024, 1_048_576), (count, unit) => {
      const bytes = count * unit
      expect(parseSize(formatSize(bytes), 0, bytes)).toEqual({ ok: true, value: bytes })
    }),
  )
})

test.each([
  ['127.0.0.1:8080', '127.0.0.1', 8080],
  ['[::1]:8080', '::1', 8080],
  [':8080', '', 8080],
  ['localhost:0', 'localhost', 0],
  ['Gate.Example.com:443', 'gate.example.com', 443],
])('%s is an address to listen on', (text, host, port) => {
  expect(parseListen(text)).toEqual({ ok: true, value: { host, port } })
})

test.each([
  '',
  ':',
  '8080',
  'localhost',
  '::1:8080',
  '[]:1',
  '[127.0.0.1]:1',
  '[fe80::1%eth0]:1',
  '1.2.3:1',
  'a b:1',
  '-a:1',
  'a:65536',
  'a:-1',
  'a:1x',
  'http://a:1',
  'a:1/',
])('%s is no address to listen on', (text) => {
  expect(parseListen(text).ok).toBe(false)
})

test('every address to listen on is read back as it was written', () => {
  const host = fc.oneof(
    fc.constant(''),
    fc.ipV4(),
    fc.ipV6(),
    fc.domain().map((name) => name.toLowerCase()),
  )
  fc.assert(
    fc.property(host, fc.integer({ min: 0, max: 65_535 }), (name, port) => {
      const listen = { host: name.toLowerCase(), port }
      expect(parseListen(formatListen(listen))).toEqual({ ok: true, value: listen })
      expect(URL.canParse(derivePublicUrl({ host: 'localhost', port }))).toBe(true)
    }),
  )
})

test.each([
  ['127.0.0.1:80', 'http://127.0.0.1:80'],
  ['[::1]:80', 'http://[::1]:80'],
  [':80', 'http://localhost:80'],
  ['0.0.0.0:80', 'http://localhost:80'],
  ['[::]:80', 'http://localhost:80'],
])('who listens on %s is reached at %s', (text, url) => {
  const parsed = parseListen(text)
  expect(parsed.ok && derivePublicUrl(parsed.value)).toBe(url)
})

test('two addresses collide on the same port of the same host, or of all hosts', () => {
  const [loopback, other, all] = ['127.0.0.1', '10.0.0.1', '']
  expect(collides({ host: loopback, port: 1 }, { host: loopback, port: 1 })).toBe(true)
  expect(collides({ host: loopback, port: 1 }, { host: all, port: 1 })).toBe(true)
  expect(collides({ host: loopback, port: 1 }, { host: other, port: 1 })).toBe(false)
  expect(collides({ host: loopback, port: 1 }, { host: loopback, port: 2 })).toBe(false)
  expect(collides({ host: all, port: 0 }, { host: all, port: 0 })).toBe(false)
})

test.each([
  ['http://a/b', { kind: 'http', url: 'http://a/b/' }],
  ['HTTPS://A.example:443/b/', { kind: 'http', url: 'https://a.example/b/' }],
  ['http://a/b%20c/../d', { kind: 'http', url: 'http://a/d/' }],
  ['file:data/files/', { kind: 'files', directory: 'data/files/' }],
  ['file:/srv/a%20b?c#d', { kind: 'files', directory: '/srv/a%20b?c#d' }],
  ['file:///srv/a', { kind: 'files', directory: '/srv/a' }],
])('the upstream %s is read', (text, upstream) => {
  expect(parseUpstream(text)).toEqual({ ok: true, value: upstream })
})

test('whatever is written, an upstream URL ends in its path and a slash, without credentials', () => {
  const written = fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.string().map((text) => `http://${text}`),
    fc.string(),
  )
  const urls = fc.sample(written, 1000).map((text) => {
    const parsed = parseUpstream(text)
    return parsed.ok && parsed.value.kind === 'http' ? parsed.value.url : 'http://refused/'
  })
  expect(urls.filter((url) => !/^https?:\/\/[^/?#@]+\/(?:[^?#]*\/)?$/.test(url))).toEqual([])
})

test('a store path keeps its characters', () => {
  expect(parseStore('sqlite:../a%20b c.db')).toEqual({
    ok: true,
    value: { kind: 'sqlite', file: '../a%20b c.db', synchronous: 'normal' },
  })
})

test.each(['127.0.0.1', '10.0.0.0/8', '10.1.2.3/8', '::1', 'fd00::/8', '2001:db8::/128'])(
  '%s is a network',
  (text) => {
    expect(parseNetwork(text)).toEqual({ ok: true, value: text })
  },
)

test.each([
  '',
  '/8',
  '10.0.0.0/',
  '10.0.0.0/08x',
  '10.0.0.0/8/8',
  '10.0/8',
  '010.0.0.1',
  'fe80::1%1',
  '::/129',
  '*',
])('%s is no network', (text) => {
  expect(parseNetwork(text).ok).toBe(false)
})

test.each(['acme/js', 'A1/b.c_d-e', '7zip/x', 'acme/public', 'acme/v2', 'tools/t'])(
  '%s is a repository',
  (name) => {
    expect(whyNoRepository(name)).toBeUndefined()
  },
)

test.each([
  '',
  '/',
  'acme',
  'acme/',
  '/js',
  'a/b/c',
  '.a/b',
  'a/-b',
  'a b/c',
  'a/b%2f',
  'é/b',
  't/js',
  'API/js',
])('%s is no repository', (name) => {
  expect(whyNoRepository(name)).toBeTypeOf('string')
})

test.each([
  ['publicUrl', 'public_url'],
  ['idle-timout', 'idle_timeout'],
  ['lsiten', 'listen'],
  ['sotre', 'store'],
  ['LOG', 'log'],
])('%s is near %s', (given, name) => {
  expect(nearest(given, ['listen', 'public_url', 'idle_timeout', 'store', 'log'])).toBe(name)
})

test('nothing is near a word of another kind', () => {
  expect(nearest('frobnicate', ['listen', 'public_url', 'store'])).toBeUndefined()
})

test('a quoted value is short and holds nothing that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(quote(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      expect(quote(text).length).toBeLessThan(300)
    }),
  )
  expect(quote(`\u001B[2J${'x'.repeat(100)}`)).toBe(`"\\u001b[2J${'x'.repeat(36)}…"`)
})

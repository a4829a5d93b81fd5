import { gunzipSync, gzipSync } from 'node:zlib'
import { get, type IncomingHttpHeaders } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { ConsoleFile } from '../../../src/admin/console/files.ts'
import { useApi } from '../api.ts'

function file(type: string, text: string): ConsoleFile {
  return { type, bytes: Buffer.from(text), gzipped: gzipSync(text) }
}

const PAGE = '<!doctype html><title>console</title>'
const api = useApi({
  consoleFiles: new Map([
    ['index.html', file('text/html; charset=utf-8', PAGE)],
    ['assets/main-abc.js', file('text/javascript; charset=utf-8', 'run()')],
  ]),
})
const bare = useApi()

test.each(['/console/', '/console/tokens', '/console/tokens/acme/*/01JD?x=y', '/console/index.html'])(
  '%s is the page, never kept',
  async (path) => {
    const { status, headers, text } = await api.send(path)
    expect([status, text]).toEqual([200, PAGE])
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  },
)

test('the page may load nothing from elsewhere, run nothing that stands in it, and lie in no frame', async () => {
  const { headers } = await api.send('/console/')
  expect(headers.get('content-security-policy')?.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ])
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
})

describe('files whose names change with what is in them', () => {
  test('are kept for ever', async () => {
    const { status, headers, text } = await api.send('/console/assets/main-abc.js')
    expect([status, text]).toEqual([200, 'run()'])
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  })

  test('that are gone are a 404, not the page', async () => {
    expect((await api.send('/console/assets/main-old.js')).status).toBe(404)
  })

  test('are compressed for who can read it', async () => {
    const packed = await raw('/console/assets/main-abc.js', { 'Accept-Encoding': 'gzip' })
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(packed.bytes).toString()).toBe('run()')
    const plain = await raw('/console/assets/main-abc.js', { 'Accept-Encoding': 'identity' })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.bytes.toString()).toBe('run()')
  })
})

test('there is no way out of the folder', async () => {
  for (const path of [
    '/console/../package.json',
    '/console/%2e%2e/package.json',
    '/console/..%2fpackage.json',
  ]) {
    const { bytes } = await raw(path, {})
    expect(bytes.toString()).not.toContain('"dependencies"')
  }
})

test('/console leads to the page, and so does the root for a browser; programs get their 404', async () => {
  const options = { redirect: 'manual' } as const
  expect((await api.send('/console', options)).headers.get('location')).toBe('/console/')
  const browser = await api.send('/', { ...options, headers: { Accept: 'text/html,*/*;q=0.8' } })
  expect([browser.status, browser.headers.get('location')]).toEqual([302, '/console/'])
  expect((await api.send('/', { headers: { Accept: '*/*' } })).status).toBe(404)
})

test('it is only read', async () => {
  const answer = await api.send('/console/', { method: 'POST' })
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})

test('where it was not built, it says how to', async () => {
  const { status, text } = await bare.send('/console/')
  expect(status).toBe(503)
  expect(text).toContain('npm run build:console')
})

interface Raw {
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

/** The path as it is written, the body as it came. */
function raw(path: string, headers: Record<string, string>): Promise<Raw> {
  const { promise, resolve, reject } = Promise.withResolvers<Raw>()
  get({ host: '127.0.0.1', port: api.port, path, headers }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }))
  }).on('error', reject)
  return promise
}

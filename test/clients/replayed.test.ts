import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { downloadsOf, FAR_LIMIT } from './entitlements.ts'

/** Clients that neither Debian nor npm has, or that are large: these are the requests that their sources and manuals tell of. */

/** What their registries answer. */
interface Answer {
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

let base = ''

function storageAnswers(): Readonly<Record<string, Answer>> {
  const archive = { version: '1.0.0', archive_url: `${base}/dart/archives/acme-1.0.0.tar.gz` }
  const provider = { name: 'virtualbox', url: `${base}/vagrant/acme/debian/1.0.0/virtualbox.box` }
  const box = { name: 'acme/debian', versions: [{ version: '1.0.0', providers: [provider] }] }
  return {
    '/dart/api/packages/acme': {
      body: JSON.stringify({ name: 'acme', latest: archive, versions: [archive] }),
      headers: { 'content-type': 'application/vnd.pub.v2+json' },
    },
    '/dart/archives/acme-1.0.0.tar.gz': { body: 'archive' },
    '/vagrant/acme/debian.json': { body: JSON.stringify(box) },
    '/vagrant/acme/debian/1.0.0/virtualbox.box': { body: 'box' },
    '/hex/packages/acme': { body: 'signed' },
    '/hex/tarballs/acme-1.0.0.tar': { body: 'tarball' },
    '/swift/acme/tool/1.0.0.zip': {
      body: 'archive',
      headers: { 'content-version': '1', digest: 'sha-256=ab' },
    },
    '/cran/src/contrib/PACKAGES.rds': { body: 'list' },
    '/cran/src/contrib/acme_1.0.tar.gz': { body: 'sources' },
    '/huggingface/acme/tiny/resolve/main/model.bin': {
      body: 'weights',
      headers: { etag: '"abc"', 'x-repo-commit': '0123abcd', 'x-linked-size': '7' },
    },
  }
}

const FORMATS = ['dart', 'vagrant', 'hex', 'swift', 'cran', 'huggingface'] as const

let storage: Server
let gate: Gate

beforeAll(async () => {
  storage = createServer(({ url = '' }, response) => {
    const answer = storageAnswers()[url]
    response.writeHead(answer === undefined ? 404 : 200, {
      'content-length': Buffer.byteLength(answer?.body ?? ''),
      ...answer?.headers,
    })
    response.end(answer?.body)
  }).listen(0, '127.0.0.1')
  await once(storage, 'listening')
  base = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`
  const repositories = Object.fromEntries(
    FORMATS.map((format) => [`acme/${format}`, { format, upstream: `${base}/${format}/` }]),
  )
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  storage?.closeAllConnections()
  storage?.close()
})

/** Each step: path below the repository, what comes, downloads so far. */
type Steps = readonly (readonly [path: string, method: 'GET' | 'HEAD', body: RegExp, downloads: number])[]

const WAYS: readonly { format: (typeof FORMATS)[number]; login: (secret: string) => string; steps: Steps }[] =
  [
    {
      format: 'hex',
      login: (secret) => secret,
      steps: [
        ['packages/acme', 'GET', /^signed$/, 0],
        ['tarballs/acme-1.0.0.tar', 'GET', /^tarball$/, 1],
      ],
    },
    {
      format: 'swift',
      login: (secret) => `Basic ${btoa(`token:${secret}`)}`,
      steps: [['acme/tool/1.0.0.zip', 'GET', /^archive$/, 1]],
    },
    {
      format: 'cran',
      login: (secret) => `Basic ${btoa(`token:${secret}`)}`,
      steps: [
        ['src/contrib/PACKAGES.rds', 'GET', /^list$/, 0],
        ['src/contrib/acme_1.0.tar.gz', 'GET', /^sources$/, 1],
      ],
    },
    {
      format: 'huggingface',
      login: (secret) => `Bearer ${secret}`,
      steps: [
        ['acme/tiny/resolve/main/model.bin', 'HEAD', /^$/, 0],
        ['acme/tiny/resolve/main/model.bin', 'GET', /^weights$/, 1],
      ],
    },
    {
      format: 'dart',
      login: (secret) => `Bearer ${secret}`,
      steps: [
        ['api/packages/acme', 'GET', /basic\/acme\/dart\/archives\/acme-1\.0\.0\.tar\.gz/, 0],
        ['archives/acme-1.0.0.tar.gz', 'GET', /^archive$/, 1],
      ],
    },
  ]

test.each(WAYS)(
  '$format: what its client asks for, as it sends the secret',
  async ({ format, login, steps }) => {
    const repository = `acme/${format}`
    for (const isSent of [true, false]) {
      const token = await gate.createToken(repository, FAR_LIMIT)
      const entrance = isSent ? 'basic' : token.token
      const headers = isSent ? { authorization: login(token.token) } : {}
      for (const [path, method, body, downloads] of steps) {
        const answer = await fetch(`${gate.url}/${entrance}/${repository}/${path}`, { method, headers })
        expect(answer.status).toBe(200)
        expect((await answer.text()).replaceAll(token.token, 'basic')).toMatch(body)
        expect(await downloadsOf(gate, repository, token)).toBe(downloads)
      }
    }
  },
)

test('vagrant asks with HEAD and GET for metadata, and gets the box that this names', async () => {
  const token = await gate.createToken('acme/vagrant', FAR_LIMIT)
  const url = `${gate.url}/${token.token}/acme/vagrant/acme/debian.json`
  const head = await fetch(url, { method: 'HEAD' })
  const metadata = await (await fetch(url, { headers: { accept: 'application/json' } })).text()
  expect(head.headers.get('content-length')).toBe(String(metadata.length))
  const { versions } = JSON.parse(metadata) as { versions: { providers: { url: string }[] }[] }
  const box = versions[0]?.providers[0]?.url ?? ''
  expect(box.startsWith(`${gate.url}/${token.token}/acme/vagrant/`)).toBe(true)
  expect(await (await fetch(box)).text()).toBe('box')
  expect(await downloadsOf(gate, 'acme/vagrant', token)).toBe(1)
})

test('what huggingface_hub and SwiftPM need to know passes', async () => {
  const token = await gate.createToken('acme/huggingface')
  const file = `${gate.url}/${token.token}/acme/huggingface/acme/tiny/resolve/main/model.bin`
  const { headers } = await fetch(file, { method: 'HEAD' })
  expect(
    ['etag', 'x-repo-commit', 'x-linked-size', 'content-length'].map((name) => headers.get(name)),
  ).toEqual(['"abc"', '0123abcd', '7', '7'])
  const swift = await gate.createToken('acme/swift')
  const archive = await fetch(`${gate.url}/${swift.token}/acme/swift/acme/tool/1.0.0.zip`)
  expect([archive.headers.get('content-version'), archive.headers.get('digest')]).toEqual(['1', 'sha-256=ab'])
})

test.each([
  { way: 'basic', title: 'with credentials' },
  { way: 'path', title: 'with the secret in the path' },
])('pub is told why in what it prints, $title', async ({ way }) => {
  const { token } = await gate.createToken('acme/dart', { is_active: false })
  const headers = { authorization: `Bearer ${token}` }
  const entrance = way === 'basic' ? 'basic' : token
  const answer = await fetch(`${gate.url}/${entrance}/acme/dart/api/packages/acme`, { headers })
  expect(answer.status).toBe(403)
  expect(answer.headers.get('www-authenticate')).toBe(
    'Bearer realm="pub", message="Token disabled. The entitlement token is disabled. Ask your vendor."',
  )
})

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/types.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-config-'))
  mkdirSync(join(folder, 'data/files'), { recursive: true })
  mkdirSync(join(folder, 'data/free'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const TYPICAL = `
listen: 127.0.0.1:8080
public_url: http://127.0.0.1:8080
admin: { listen: 127.0.0.1:8081 }
store: sqlite:data/postern.db
trusted_proxies: []
repositories:
  acme/stable: { format: deb, upstream: http://127.0.0.1:9000/debian/ }
  acme/el:     { format: rpm, upstream: http://127.0.0.1:9000/el/ }
  acme/js:     { format: npm, upstream: http://127.0.0.1:9000/npm/ }
  acme/files:  { format: raw, upstream: file:data/files/ }
  acme/free:   { format: raw, upstream: file:data/free/, public: true }
`
const LEAST = `
repositories:
  acme/js: { format: npm, upstream: http://127.0.0.1:9000/npm }
`

function load(text: string | Uint8Array, variables: Record<string, string> = {}): Config {
  writeFileSync(join(folder, 'postern.yaml'), text)
  const result = loadConfig(join(folder, 'postern.yaml'), variables)
  if (!result.ok) throw new Error(JSON.stringify(result.mistakes))
  return result.config
}

const NO_PAGE = { isShown: true, name: null, logo: null, color: null, contact: null, namesPackages: true }
const NO_SETUP = { key: null, suite: null, components: null, path: null, signedPackages: true }

test('a typical file gives the configuration that it says', () => {
  const acme = (repo: string, rest: object): [string, object] => [
    `acme/${repo}`,
    {
      owner: 'acme',
      repo,
      mirrors: [],
      failover: null,
      public: false,
      cache: true,
      whenStoreFails: 'refuse',
      deliver: 'stream',
      setup: NO_SETUP,
      page: NO_PAGE,
      eula: null,
      accelPrefix: `/postern-internal/acme/${repo}/`,
      ...rest,
    },
  ]
  expect(load(TYPICAL)).toEqual({
    file: join(folder, 'postern.yaml'),
    listen: { host: '127.0.0.1', port: 8080 },
    publicUrl: 'http://127.0.0.1:8080',
    isPublicUrlGuessed: false,
    admin: { listen: { host: '127.0.0.1', port: 8081 }, tls: null },
    tls: null,
    proxyProtocol: false,
    client: {
      handshakeTimeoutMs: 10_000,
      headersTimeoutMs: 30_000,
      stallTimeoutMs: 180_000,
      keepAliveTimeoutMs: 75_000,
      maxHeadBytes: 16_384,
      maxHeaders: 100,
      maxUrlBytes: 8_192,
      maxRequests: 10_000,
      maxConnections: 20_000,
      maxConnectionsPerAddress: 1_000,
    },
    edge: null,
    offload: {
      asksStorage: true,
      logs: [],
      settleWithinMs: 7_200_000,
      linksWithinMs: 86_400_000,
      state: join(folder, 'data/front-logs.json'),
    },
    workers: null,
    store: { kind: 'sqlite', file: join(folder, 'data/postern.db'), synchronous: 'normal' },
    secretKey: null,
    journal: null,
    trustedProxies: [],
    hosts: new Map(),
    repositories: new Map([
      acme('stable', { format: 'deb', upstream: { kind: 'http', url: 'http://127.0.0.1:9000/debian/' } }),
      acme('el', { format: 'rpm', upstream: { kind: 'http', url: 'http://127.0.0.1:9000/el/' } }),
      acme('js', { format: 'npm', upstream: { kind: 'http', url: 'http://127.0.0.1:9000/npm/' } }),
      acme('files', {
        format: 'raw',
        upstream: { kind: 'files', directory: join(folder, 'data/files') },
        cache: false,
      }),
      acme('free', {
        format: 'raw',
        upstream: { kind: 'files', directory: join(folder, 'data/free') },
        public: true,
        cache: false,
      }),
    ]),
    upstream: { connectTimeoutMs: 5000, headersTimeoutMs: 30_000, idleTimeoutMs: 60_000, connections: 256 },
    cache: { maxBytes: 67_108_864, maxObjectBytes: 262_144, defaultTtlMs: 2_000 },
    history: {
      isRecorded: true,
      hoursMs: 8 * 86_400_000,
      daysMs: 400 * 86_400_000,
      packages: 5000,
      logMs: 30 * 86_400_000,
      logEntries: 200_000,
      addresses: 'full',
      userAgents: true,
    },
    page: NO_PAGE,
    metrics: { maxCustomers: 1000 },
    log: { level: 'info', access: true },
    audit: { keepMs: 400 * 86_400_000 },
    events: {
      expiringDays: [30, 7, 1],
      allowedNetworks: [],
      allowsHttp: false,
      keepMs: 30 * 86_400_000,
    },
    console: { idleMs: 1_800_000, maxMs: 43_200_000 },
    drainTimeoutMs: 30_000,
  })
})

test('what the file leaves out has its default', () => {
  const { listen, publicUrl, admin, store } = load(LEAST)
  expect(listen).toEqual({ host: '127.0.0.1', port: 8080 })
  expect(publicUrl).toBe('http://127.0.0.1:8080')
  expect(admin).toEqual({ listen: { host: '127.0.0.1', port: 8081 }, tls: null })
  expect(store).toMatchObject({ kind: 'sqlite', file: join(folder, 'data/postern.db') })
})

test('an upstream without a trailing slash gets one', () => {
  expect(load(LEAST).repositories.get('acme/js')?.upstream).toEqual({
    kind: 'http',
    url: 'http://127.0.0.1:9000/npm/',
  })
})

test('keys that a typical file leaves out are read', () => {
  const config = load(`${LEAST}
listen: :0
public_url: https://packages.example.com/gate/
store: sqlite:/var/lib/postern.db?synchronous=full
secret_key: 0123456789abcdef0123456789abcdef
trusted_proxies: [127.0.0.1, 10.0.0.0/8, 'fd00::/8']
hosts: { Packages.Example.com: acme, js.example.com: acme/js }
upstream: { connect_timeout: 250ms, headers_timeout: 1m, idle_timeout: 2m, connections: 8 }
cache: { max_size: 1GB, max_object_size: 64KB, default_ttl: 0s }
metrics: { max_customers: 5 }
log: { level: warn, access: false }
audit: { keep: 7d }
events: { expiring_days: [14], allowed_networks: [10.20.0.0/16], allow_http: true, keep: 1d }
console: { idle_timeout: 5m, max_session: 1h }
drain_timeout: 0s
`)
  expect(config).toMatchObject({
    listen: { host: '', port: 0 },
    publicUrl: 'https://packages.example.com/gate',
    isPublicUrlGuessed: false,
    store: { file: '/var/lib/postern.db', synchronous: 'full' },
    secretKey: '0123456789abcdef0123456789abcdef',
    trustedProxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'],
    upstream: { connectTimeoutMs: 250, headersTimeoutMs: 60_000, idleTimeoutMs: 120_000, connections: 8 },
    cache: { maxBytes: 1e9, maxObjectBytes: 64_000, defaultTtlMs: 0 },
    metrics: { maxCustomers: 5 },
    log: { level: 'warn', access: false },
    audit: { keepMs: 7 * 86_400_000 },
    events: {
      expiringDays: [14],
      allowedNetworks: ['10.20.0.0/16'],
      allowsHttp: true,
      keepMs: 86_400_000,
    },
    console: { idleMs: 300_000, maxMs: 3_600_000 },
    drainTimeoutMs: 0,
  })
  expect([...config.hosts]).toEqual([
    ['packages.example.com', 'acme'],
    ['js.example.com', 'acme/js'],
  ])
})

test('a repository is cached as it says, else if its storage is a URL', () => {
  const cached = (repository: string): boolean | undefined =>
    load(`repositories: { acme/a: { format: raw, ${repository} } }`).repositories.get('acme/a')?.cache
  expect(cached('upstream: "http://a/"')).toBe(true)
  expect(cached('upstream: "http://a/", cache: false')).toBe(false)
  expect(cached('upstream: "file:data/files"')).toBe(false)
  expect(cached('upstream: "file:data/files", cache: true')).toBe(true)
})

test('JSON is read as well, with or without a byte order mark', () => {
  const json = JSON.stringify(
    { repositories: { 'acme/js': { format: 'npm', upstream: 'http://a/' } } },
    null,
    2,
  )
  expect([...load(json).repositories.keys()]).toEqual(['acme/js'])
  expect([...load(`\uFEFF${json}`).repositories.keys()]).toEqual(['acme/js'])
})

test('anchors save repetition', () => {
  const config = load(
    `
repositories:
  acme/js: &npm { format: npm, upstream: '\${STORAGE}' }
  acme/beta: *npm
`,
    { STORAGE: 'http://storage/' },
  )
  expect(config.repositories.get('acme/beta')?.upstream).toEqual({ kind: 'http', url: 'http://storage/' })
})

test('variables fill in text, numbers and flags', () => {
  const config = load(
    `
repositories:
  acme/js:
    format: \${FORMAT:-npm}
    upstream: http://\${HOST}:\${PORT:-80}/
    public: \${PUBLIC}
upstream:
  connections: \${CONNECTIONS}
secret_key: \${KEY}
`,
    { HOST: 'storage', PUBLIC: 'true', CONNECTIONS: '8', KEY: '1'.repeat(32) },
  )
  expect(config.repositories.get('acme/js')).toMatchObject({
    format: 'npm',
    upstream: { url: 'http://storage/' },
    public: true,
  })
  expect(config.upstream.connections).toBe(8)
  expect(config.secretKey).toBe('1'.repeat(32))
})

test('a folder that holds the store through a link is refused', () => {
  mkdirSync(join(folder, 'elsewhere'))
  symlinkSync(join(folder, 'data'), join(folder, 'elsewhere/link'))
  writeFileSync(
    join(folder, 'postern.yaml'),
    `repositories: { a/b: { format: raw, upstream: 'file:elsewhere/link' } }`,
  )
  expect(loadConfig(join(folder, 'postern.yaml'), {})).toMatchObject({
    ok: false,
    mistakes: [{ path: 'repositories.a/b.upstream', line: 1 }],
  })
})

test.each([
  ['is missing', 'nothing.yaml', 'there is no such file'],
  ['is a folder', 'data', 'it is a folder; name the file in it'],
  ['lies below a file', 'latin1.yaml/postern.yaml', 'there is no such file'],
  ['is not UTF-8', 'latin1.yaml', 'it is not UTF-8 text'],
])('a file that %s is a mistake without a position', (_, name, why) => {
  writeFileSync(join(folder, 'latin1.yaml'), Buffer.from('listen: caf\u00e9', 'latin1'))
  expect(loadConfig(join(folder, name), {})).toEqual({
    ok: false,
    mistakes: [{ path: '', message: `the file can't be read: ${why}`, line: 0, column: 0 }],
  })
})

test('a journal gets what the file says, and sensible rest', () => {
  const repository = '{ format: npm, upstream: http://127.0.0.1:9000/npm, when_store_fails: serve_cached }'
  const { journal, repositories } = load(
    `journal: { folder: data/usage }\nrepositories: { acme/js: ${repository} }`,
  )
  const bounds = { believeForMs: 3_600_000, maxBytes: 256 * 1024 ** 2 }
  expect(journal).toEqual({ folder: join(folder, 'data/usage'), ...bounds })
  expect(repositories.get('acme/js')?.whenStoreFails).toBe('serve_cached')
})

test.skipIf(process.getuid?.() === 0)('a journal in a folder that may not be written to is refused', () => {
  const text = `journal: { folder: /proc/journal }\nrepositories: { acme/js: { format: npm, upstream: http://127.0.0.1:1 } }`
  expect(() => load(text)).toThrow('may not write')
})

test('what scripts have to know of a repository is read, and its files are found', () => {
  const setup = `{ key: file:key.asc, suite: '{codename}', components: [main], path: 'deb/{distro}' }`
  const repository = `{ format: deb, upstream: http://127.0.0.1:9000/deb, setup: ${setup} }`
  writeFileSync(join(folder, 'key.asc'), 'key')
  expect(load(`repositories: { acme/stable: ${repository} }`).repositories.get('acme/stable')?.setup).toEqual(
    {
      key: { kind: 'file', path: join(folder, 'key.asc') },
      suite: '{codename}',
      components: ['main'],
      path: 'deb/{distro}',
      signedPackages: true,
    },
  )
})

import { expect, test } from 'vitest'
import { frozenParts, keepFrozen } from '../../src/app/frozen-parts.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { createPlaces } from '../../src/config/places.ts'
import type { Config } from '../../src/config/types.ts'

function readConfig(text: string): Config {
  const source = `{repositories: {a/b: {format: raw, upstream: 'http://127.0.0.1:1/'}}, ${text}}`
  const parsed = parseConfig(source, createPlaces('/nowhere/postern.yaml'), {})
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes))
  return parsed.config
}

const running = readConfig('listen: 127.0.0.1:8000, drain_timeout: 1s, log: { access: true }')
const TLS = { certificates: [{ cert: '/c', key: '/k' }], minVersion: '1.2', http2: true } as const
const next: Config = {
  ...readConfig('drain_timeout: 2s, log: { access: false, level: error }'),
  listen: { host: '127.0.0.1', port: 1 },
  admin: { listen: { host: '127.0.0.1', port: 2 }, tls: TLS },
  tls: TLS,
  proxyProtocol: true,
  client: { ...running.client, maxHeaders: 50 },
  workers: 3,
  store: { kind: 'sqlite', file: '/elsewhere.db', synchronous: 'full' },
  secretKey: 'k'.repeat(32),
  journal: { folder: '/journal', believeForMs: 1, maxBytes: 1 },
  trustedProxies: ['10.0.0.0/8'],
  metrics: { maxCustomers: 1 },
  history: { ...running.history, hoursMs: 1 },
}

test('what takes effect only with the next start is named', () => {
  expect(frozenParts(running, next)).toEqual([
    'listen',
    'tls',
    'proxy_protocol',
    'client',
    'admin.tls',
    'admin.listen',
    'workers',
    'store',
    'secret_key',
    'journal',
    'trusted_proxies',
    'metrics',
    'history',
    'log.level',
  ])
})

test('until then it stays as it is, and all else changes', () => {
  const kept = keepFrozen(running, next)
  expect(frozenParts(running, kept)).toEqual([])
  expect(kept).toMatchObject({ drainTimeoutMs: 2_000, log: { access: false, level: running.log.level } })
})

test('of TLS all but the certificates', () => {
  const secure = { ...running, tls: TLS, admin: { ...running.admin, tls: TLS } }
  const certificates = [{ cert: '/other', key: '/key' }]
  const other = {
    ...secure,
    tls: { ...TLS, certificates },
    admin: { ...secure.admin, tls: { ...TLS, certificates } },
  }
  expect(frozenParts(secure, other)).toEqual([])
  expect(keepFrozen(secure, other)).toMatchObject({ tls: { certificates }, admin: { tls: { certificates } } })
  expect(frozenParts(secure, { ...secure, tls: { ...TLS, http2: false } })).toEqual(['tls'])
  expect(frozenParts(secure, { ...secure, tls: null })).toEqual(['tls'])
  expect(keepFrozen(secure, { ...secure, tls: null }).tls).toEqual(TLS)
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { RepositoryConfig } from '../../src/config/types.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-upstreams-'))
  mkdirSync(join(folder, 'files'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function load(fields: object): RepositoryConfig {
  const file = join(folder, 'postern.yaml')
  writeFileSync(file, JSON.stringify({ repositories: { 'acme/a': { format: 'deb', ...fields } } }))
  const result = loadConfig(file, {})
  if (!result.ok) throw new Error(JSON.stringify(result.mistakes))
  const repository = result.config.repositories.get('acme/a')
  if (repository === undefined) throw new Error('it is not there')
  return repository
}

const USUAL = {
  failures: 3,
  totalMs: null,
  retryMs: 5_000,
  check: { intervalMs: 5_000, path: null, timeoutMs: 2_000 },
}

test('the first of a list is the upstream, the others stand in for it in their order', () => {
  const { upstream, mirrors, failover, cache } = load({ upstream: ['http://a/x', 'file:files', 'http://b/'] })
  expect(upstream).toEqual({ kind: 'http', url: 'http://a/x/' })
  expect(mirrors).toEqual([
    { kind: 'files', directory: join(folder, 'files') },
    { kind: 'http', url: 'http://b/' },
  ])
  expect(failover).toEqual(USUAL)
  expect(cache).toBe(true)
})

test('a single upstream, in a list or not, is not judged unless that is wished', () => {
  expect(load({ upstream: 'http://a/' })).toEqual(load({ upstream: ['http://a/'] }))
  expect(load({ upstream: 'http://a/' })).toMatchObject({ mirrors: [], failover: null })
  expect(load({ upstream: 'http://a/', failover: {} }).failover).toEqual(USUAL)
})

test('folders alone are not kept in memory', () => {
  mkdirSync(join(folder, 'copy'), { recursive: true })
  expect(load({ upstream: ['file:files', 'file:copy'] }).cache).toBe(false)
})

test('a bucket is reached as the repository says, or in its own way', () => {
  const credentials = { access_key_id: 'a', secret_access_key: 'b' }
  const { upstream, mirrors } = load({
    upstream: [
      's3://one',
      { url: 's3://two', s3: { region: 'us-east-1', credentials } },
      { url: 's3://three' },
    ],
    s3: { region: 'eu-central-1', credentials },
    deliver: 'redirect',
  })
  const buckets = [upstream, ...mirrors].map(
    (each) => each.kind === 's3' && `${each.bucket} ${each.endpoint}`,
  )
  expect(buckets).toEqual([
    'one https://s3.eu-central-1.amazonaws.com',
    'two https://s3.us-east-1.amazonaws.com',
    'three https://s3.eu-central-1.amazonaws.com',
  ])
})

test('what is said of failover is read, and 0s means no checks', () => {
  const written = {
    failures: 1,
    total_timeout: '1m',
    retry_after: '30s',
    check_path: 'a/b',
    check_interval: '1m',
  }
  const upstream = ['http://a/', 'http://b/']
  expect(load({ upstream, failover: written }).failover).toEqual({
    failures: 1,
    totalMs: 60_000,
    retryMs: 30_000,
    check: { intervalMs: 60_000, path: 'a/b', timeoutMs: 2_000 },
  })
  expect(load({ upstream, failover: { check_interval: '0s' } }).failover?.check).toBeNull()
})

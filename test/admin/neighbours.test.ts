import { describe, expect, test } from 'vitest'
import type { ExplainRequest } from '../../src/admin/app.ts'
import type { Readiness } from '../../src/admin/options.ts'
import { StoreError } from '../../src/store/contract.ts'
import { fieldsOf, startApi, useApi } from './api.ts'

const api = useApi()

test('a key can ask who it is', async () => {
  const { status, body } = await api.call('GET', '/user/self/')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    authenticated: true,
    name: 'Operations',
    slug: 'operations',
    slug_perm: expect.stringMatching(/^\w{26}$/),
    self_url: `${api.url}/user/self/`,
  })
})

test('the status tells the version to everybody', async () => {
  await using versioned = await startApi({ version: '1.2.3' })
  const { status, body } = await versioned.send('/status/check/basic/')
  expect([status, body]).toEqual([200, { detail: 'Postern is up.', version: '1.2.3' }])
})

describe('without a key', () => {
  test('the process can be seen to live', async () => {
    expect((await api.send('/healthz')).status).toBe(200)
  })

  test('the process can be seen to be ready or not', async () => {
    let state: Readiness = 'not_ready'
    await using starting = await startApi({ readiness: async () => state })
    expect(await starting.send('/readyz')).toMatchObject({ status: 503, text: 'not ready\n' })
    state = 'ready'
    expect(await starting.send('/readyz')).toMatchObject({ status: 200, text: 'ready\n' })
    state = 'without_store'
    const { status, text } = await starting.send('/readyz')
    expect([status, text]).toEqual([200, expect.stringContaining('without the store')])
  })

  test('metrics can be scraped', async () => {
    const answer = await api.send('/metrics')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4')
    expect(answer.text).toBe('postern_up 1\n')
  })

  test('failures are told as such', async () => {
    const fail = (): Promise<never> => Promise.reject(new Error('no'))
    await using broken = await startApi({ metrics: fail, readiness: fail })
    expect((await broken.send('/metrics')).status).toBe(500)
    expect((await broken.send('/readyz')).status).toBe(503)
    expect((await broken.send('/healthz')).status).toBe(200)
  })
})

describe('explain', () => {
  const target = '/a-customers-secret/acme/stable/pool/x.deb'

  test('answers what the gate says about the request', async () => {
    const asked: ExplainRequest[] = []
    await using explaining = await startApi({
      explain: async (request) => {
        asked.push(request)
        return { allowed: false, reason: 'token_expired' }
      },
    })
    const full = {
      target,
      method: 'HEAD',
      client: '2001:db8::1',
      authorization: 'Bearer x',
      host: 'dl.example.com',
    }
    const { status, body } = await explaining.call('POST', '/explain/', full)
    expect([status, body]).toEqual([200, { allowed: false, reason: 'token_expired' }])
    await explaining.call('POST', '/explain', { target })
    await explaining.call('POST', '/explain', { target, at: '2030-01-01' })
    const silent = { client: undefined, authorization: undefined, host: undefined }
    const short = { target, method: 'GET', ...silent }
    expect(asked).toEqual([full, short, { ...short, at: Date.UTC(2030, 0, 1) }])
  })

  test.each<[string, unknown]>([
    ['target', undefined],
    ['target', null],
    ['target', ''],
    ['target', 'acme/stable'],
    ['target', 'https://dl.example.com/a-customers-secret/'],
    ['target', ['/x']],
    ['method', 'POST'],
    ['method', 'get'],
    ['method', null],
    ['client', 'localhost'],
    ['client', '192.0.2.0/24'],
    ['client', ''],
    ['authorization', 5],
    ['authorization', 'Bearer x\r\nX-Evil: 1'],
    ['host', 'a\u0000b'],
    ['host', {}],
    ['at', 'tomorrow'],
    ['at', 1_900_000_000_000],
  ])('refuses the %s %j', async (field, value) => {
    const answer = await api.call('POST', '/explain/', { target, [field]: value })
    expect(Object.keys(fieldsOf(answer))).toEqual([field])
    expect(answer.text).not.toContain('a-customers-secret')
  })

  test('refuses a target of more than 8 KB', async () => {
    const answer = await api.call('POST', '/explain/', { target: `/${'x'.repeat(8_192)}` })
    expect(Object.keys(fieldsOf(answer))).toEqual(['target'])
  })

  test('refuses unknown fields without repeating them', async () => {
    const answer = await api.call('POST', '/explain/', { target, 'a-customers-secret': 1, secret: 'x' })
    expect(answer.status).toBe(422)
    expect(answer.text).not.toContain('a-customers-secret')
  })

  test('needs a key', async () => {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await api.send('/explain/', { method: 'POST', headers, body: JSON.stringify({ target }) })
    expect(answer.status).toBe(401)
  })

  test('is a 503 while the store is down', async () => {
    await using broken = await startApi({
      explain: () => Promise.reject(new StoreError('unavailable', 'down')),
    })
    const answer = await broken.call('POST', '/explain/', { target })
    expect(answer.status).toBe(503)
    expect(answer.text).not.toContain('a-customers-secret')
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get } from '../support/requests.ts'
import { startTarget, type Target } from '../events/target.ts'

let storage: Storage
let target: Target
let gate: Gate
beforeAll(async () => {
  storage = await startStorage('raw')
  target = await startTarget()
  gate = await startGate({
    config: {
      repositories: { 'acme/files': { format: 'raw', upstream: `${storage.url}/raw/` } },
      workers: 2,
      events: { allow_http: true, allowed_networks: ['127.0.0.1'] },
    },
  })
})
afterAll(async () => {
  await gate[Symbol.asyncDispose]()
  await target[Symbol.asyncDispose]()
  await storage[Symbol.asyncDispose]()
})

const told = (type: string, token: string): unknown =>
  target.received.find(({ body }) => {
    return body['type'] === type && (body['token'] as { slug_perm: string }).slug_perm === token
  })

describe('a gate with two workers', () => {
  test('tells a webhook of a new token, of the end of its limit, and of nothing twice', async () => {
    const made = await gate.admin('POST', '/webhooks/acme/', { target_url: `${target.url}/hooks` })
    expect(made.status).toBe(201)
    const { slug_perm, token } = await gate.createToken('acme/files', { limit_num_downloads: 1 })
    await waitFor(() => told('token.created', slug_perm))
    const path = `/${token}/acme/files/tool/1.0/tool-1.0.bin`
    const { status } = await get(`${gate.url}${path}`)
    expect(status).toBe(200)
    await waitFor(() => told('limit.reached', slug_perm))
    const ids = target.received.map(({ body }) => body['id'])
    expect(new Set(ids).size).toBe(ids.length)
    const { body } = await gate.admin('GET', '/audit-log/acme/files/')
    expect(body).toMatchObject([
      { event: 'repo.entitlement.created', object_slug_perm: slug_perm, actor_kind: 'root_key' },
    ])
    const metrics = await (await fetch(`${gate.adminUrl}/metrics`)).text()
    expect(metrics).toMatch(/postern_webhook_attempts_total\{result="delivered"\} [1-9]/)
  })
})

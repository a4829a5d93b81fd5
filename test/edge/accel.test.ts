import { Agent } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, type Answer } from '../support/requests.ts'
import { TOLD, TOOL, TOOL_BYTES } from './asking.ts'

const FAR = { limit_num_downloads: 100, limit_bandwidth: 1_000_000_000 } as const
/** Where the nginx of these tests is; nobody else is trusted. */
const NGINX = '127.0.0.2'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('raw')
  const repository = { format: 'raw', upstream: `${storage.url}/raw/`, deliver: 'accel' } as const
  gate = await startGate({ config: { trusted_proxies: [NGINX], repositories: { [TOLD]: repository } } })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** Asks from an address of this machine, as an nginx in front would, in the name of a customer. */
async function askFrom(
  localAddress: string,
  secret: string,
  { method = 'GET', path = TOOL, headers = {} }: { method?: string; path?: string; headers?: object } = {},
): Promise<Answer> {
  const agent = new Agent({ localAddress } as object)
  const url = `${gate.url}/${secret}/${TOLD}/${path}`
  const answer = await get(url, { method, agent, headers: { 'X-Forwarded-For': '192.0.2.7', ...headers } })
  agent.destroy()
  return answer
}

const used = async (slugPerm: string): Promise<object> => {
  const { downloads, bandwidth, clients } = await gate.readToken(TOLD, slugPerm)
  return { downloads, bandwidth, clients }
}

test('the nginx in front is told where the file lies, without the secret, and it is charged', async () => {
  const { token, slug_perm } = await gate.createToken(TOLD, FAR)
  const { status, headers, body } = await askFrom(NGINX, token)
  expect([status, headers['x-accel-redirect'], body.length]).toEqual([
    200,
    `/postern-internal/${TOLD}/${TOOL}`,
    0,
  ])
  expect(JSON.stringify(headers)).not.toContain(token)
  expect(await used(slug_perm)).toMatchObject({ downloads: 1, bandwidth: TOOL_BYTES })
  // However it is spelt, what was decided about is what is sent.
  const spelt = await askFrom(NGINX, token, { path: './tool/1%2E0/tool%2D1.0.bin' })
  expect(spelt.headers['x-accel-redirect']).toBe(`/postern-internal/${TOLD}/${TOOL}`)
})

test('whoever comes without it gets the file itself, whatever it says of itself, and nothing of the inside', async () => {
  const { token, slug_perm } = await gate.createToken(TOLD, FAR)
  const { status, headers, body } = await askFrom('127.0.0.1', token, { headers: { 'X-Real-IP': NGINX } })
  expect([status, body.length]).toEqual([200, TOOL_BYTES])
  expect(Object.keys(headers).filter((name) => name.startsWith('x-accel'))).toEqual([])
  await expect.poll(() => used(slug_perm)).toMatchObject({ downloads: 1, bandwidth: TOOL_BYTES, clients: 1 })
})

test('what has no body, or what was refused, is the gate’s own', async () => {
  const { token, slug_perm } = await gate.createToken(TOLD, FAR)
  const head = await askFrom(NGINX, token, { method: 'HEAD' })
  expect([head.status, head.headers['content-length']]).toEqual([200, String(TOOL_BYTES)])
  const { etag = '' } = head.headers
  const answers = [
    await askFrom(NGINX, token, { headers: { 'If-None-Match': etag } }),
    await askFrom(NGINX, token, { headers: { 'If-Match': '"other"' } }),
    await askFrom(NGINX, token, { headers: { Range: `bytes=${TOOL_BYTES}-` } }),
    await askFrom(NGINX, token, { path: 'tool/nothing.bin' }),
    await askFrom(NGINX, 'nobodysecret'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([304, 412, 416, 404, 403])
  for (const { headers } of [head, ...answers]) expect(headers).not.toHaveProperty('x-accel-redirect')
  expect(await used(slug_perm)).toMatchObject({ downloads: 0, bandwidth: 0 })
})

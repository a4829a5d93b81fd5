import { Agent } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, type Answer } from '../support/requests.ts'

const REPOSITORY = 'acme/files'
const KEY = 'exactness-test-admin-key'

let storage: Storage
let directory: TemporaryDirectory
let gates: readonly [Gate, Gate]

beforeAll(async () => {
  storage = await startStorage('raw')
  directory = await temporaryDirectory('shared')
  const config = {
    store: `sqlite:${directory.path}/shared.db`,
    log: { access: false },
    trusted_proxies: ['127.0.0.1'],
    repositories: { [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/` } },
  } as const
  const start = (): Promise<Gate> => startGate({ config, adminKey: KEY })
  gates = await Promise.all([start(), start()])
})

afterAll(async () => {
  await Promise.all((gates ?? []).map((gate) => gate[Symbol.asyncDispose]()))
  await storage?.[Symbol.asyncDispose]()
  await directory?.remove()
})

/** Asks both processes in turn, all at once. */
async function flood(
  { token }: GateToken,
  count: number,
  clientOf: (i: number) => string = () => '198.51.100.1',
  file = 'small.bin',
): Promise<Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 300 })
  try {
    return await Promise.all(
      Array.from({ length: count }, (_, i) => {
        const { url } = gates[i % 2 === 0 ? 0 : 1]
        const headers = { 'X-Forwarded-For': clientOf(i) }
        return get(`${url}/${token}/${REPOSITORY}/${file}`, { agent, headers })
      }),
    )
  } finally {
    agent.destroy()
  }
}

function tally(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

async function usageOf({ slug_perm }: GateToken): Promise<{ downloads: number; clients: number }> {
  const { downloads, clients } = await gates[0].readToken(REPOSITORY, slug_perm)
  return { downloads, clients }
}

describe('two processes on one store', () => {
  test('let exactly 50 of 1,000 parallel requests through on a limit of 50', async () => {
    const token = await gates[0].createToken(REPOSITORY, { limit_num_downloads: 50 })
    const answers = await flood(token, 1_000)
    expect(tally(answers)).toEqual({ 200: 50, 403: 950 })
    expect(await usageOf(token)).toEqual({ downloads: 50, clients: 1 })
    expect(answers.filter(({ status, body }) => status === 200 && body.length !== 1_024)).toEqual([])
  })

  test('a limit of one is one', async () => {
    const token = await gates[0].createToken(REPOSITORY, { limit_num_downloads: 1 })
    expect(tally(await flood(token, 200))).toEqual({ 200: 1, 403: 199 })
    expect(await usageOf(token)).toEqual({ downloads: 1, clients: 1 })
  })

  test('a limit of none opens nothing', async () => {
    const token = await gates[0].createToken(REPOSITORY, { limit_num_downloads: 0 })
    expect(tally(await flood(token, 20))).toEqual({ 403: 20 })
    expect(await usageOf(token)).toEqual({ downloads: 0, clients: 0 })
  })

  test('let exactly as many clients in as the limit says', async () => {
    const token = await gates[0].createToken(REPOSITORY, { limit_num_clients: 7 })
    const answers = await flood(token, 400, (i) => `198.51.100.${i % 40}`)
    const clients = new Set(answers.flatMap(({ status }, i) => (status === 200 ? [i % 40] : [])))
    expect(clients.size).toBe(7)
    expect(await usageOf(token)).toEqual({ downloads: clients.size * 10, clients: 7 })
  })

  test('a client that was refused takes no place', async () => {
    const token = await gates[0].createToken(REPOSITORY, { limit_num_clients: 1, limit_num_downloads: 2 })
    expect(tally(await flood(token, 1, () => '198.51.100.1'))).toEqual({ 200: 1 })
    expect(tally(await flood(token, 10, (i) => `198.51.100.${i + 10}`))).toEqual({ 403: 10 })
    expect(tally(await flood(token, 1, () => '198.51.100.1'))).toEqual({ 200: 1 })
    expect(await usageOf(token)).toEqual({ downloads: 2, clients: 1 })
  })
})

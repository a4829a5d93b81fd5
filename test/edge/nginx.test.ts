import { readFile, rename, rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get } from '../support/requests.ts'
import { countersOf, PLAIN_DEMO } from './fronts/figures.ts'
import { STABLE, type RunningFront } from './fronts/front.ts'
import { accel, authRequest } from './fronts/nginx.ts'

const BYTES = { limit_bandwidth: 1_000_000_000, limit_bandwidth_unit: 'Byte' } as const
const START_MS = 120_000

let storage: Storage
let asking: RunningFront
let told: RunningFront

beforeAll(async () => {
  storage = await startStorage('deb', 'npm')
  asking = await authRequest.start(storage)
  told = await accel.start(storage)
}, START_MS)

afterAll(async () => {
  await asking?.[Symbol.asyncDispose]()
  await told?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

test(
  'a file that nginx has not is given back',
  async () => {
    await using front = await accel.start(storage, { config: { offload: { sizes: 'unknown' } } })
    const token = await front.gate.createToken(STABLE, { limit_num_downloads: 1 })
    const ask = (path: string) => get(`${front.url}/${token.token}/${STABLE}/${path}`)
    expect((await ask('pool/nothing_1.0_all.deb')).status).toBe(404)
    await waitFor(async () => (await countersOf(front, STABLE, token)).downloads === 0, { what: 'the line' })
    expect((await ask(PLAIN_DEMO)).status).toBe(200)
    expect((await ask(PLAIN_DEMO)).status).toBe(403)
  },
  START_MS,
)

test('the log is followed when it is rotated', async () => {
  const token = await asking.gate.createToken(STABLE, { limit_num_downloads: 100 })
  const log = await logOf(asking)
  const ask = () => get(`${asking.url}/${token.token}/${STABLE}/${PLAIN_DEMO}`)
  const { body } = await ask()
  await rename(log, `${log}.1`)
  await ask()
  process.kill(asking.server?.pid ?? 0, 'SIGUSR1')
  await waitFor(async () => (await readFile(log, 'utf8').catch(() => undefined)) !== undefined, {
    what: 'nginx to open its log again',
  })
  await ask()
  await waitFor(async () => (await countersOf(asking, STABLE, token)).bandwidth === 3 * body.length, {
    what: 'the lines of both files',
  })
  expect(await countersOf(asking, STABLE, token)).toMatchObject({ downloads: 3 })
  await rm(`${log}.1`)
})

test('a client can write nothing into the log but its own name', async () => {
  const token = await asking.gate.createToken(STABLE, { limit_num_downloads: 100, ...BYTES })
  const other = await asking.gate.createToken(STABLE, { limit_num_downloads: 100, ...BYTES })
  const url = `${asking.url}/${token.token}/${STABLE}`
  const agent = `x","by":"gate","status":"404","bytes":"0"}\\n{"postern":"forged.id`
  const { body } = await get(`${url}/${PLAIN_DEMO}`, { headers: { 'User-Agent': agent } })
  await get(`${asking.url}/${other.token}/${STABLE}/${PLAIN_DEMO}`)
  await waitFor(async () => asking.gate.output().includes(other.slug_perm), { what: 'the next line' })
  expect(await countersOf(asking, STABLE, token)).toEqual({
    downloads: 1,
    clients: 1,
    bandwidth: body.length,
  })
})

test('no id of a delivery reaches the customer', async () => {
  for (const { gate, url } of [asking, told]) {
    const { token } = await gate.createToken(STABLE)
    const { headers } = await get(`${url}/${token}/${STABLE}/${PLAIN_DEMO}`)
    expect(JSON.stringify(headers)).not.toContain('delivery')
  }
})

async function logOf({ gate }: RunningFront): Promise<string> {
  const config = JSON.parse(await gate.readConfig()) as { offload: { logs: [string] } }
  return config.offload.logs[0].slice('file:'.length)
}

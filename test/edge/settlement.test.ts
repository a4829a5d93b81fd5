import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startRedis } from '../support/redis.ts'
import { FILES, idOf, startAskedGate, TOOL_BYTES, type Asked } from './asking.ts'

const FAR = { limit_num_downloads: 100, limit_bandwidth: 100_000_000, limit_bandwidth_unit: 'Byte' } as const
const START_MS = 120_000

async function counters(asked: Asked, { slug_perm }: GateToken) {
  const { downloads, bandwidth, clients } = await asked.gate().readToken(FILES, slug_perm)
  return { downloads, bandwidth, clients }
}

/** What the figures tell of deliveries that a proxy makes. */
async function offloadsOf(asked: Asked): Promise<Record<string, number>> {
  const text = await (await fetch(`${asked.gate().adminUrl}/metrics`)).text()
  const series = /^postern_offloads_(\w+?)(?:_total)?\{way="proxy"\} (\d+)$/gm
  return Object.fromEntries(Array.from(text.matchAll(series), ([, name, value]) => [name, Number(value)]))
}

/** Until the line that comes last has been settled, and with it all that came before. */
async function settled(asked: Asked): Promise<void> {
  const marker = await asked.gate().createToken(FILES, FAR)
  const answer = await asked.ask(marker.token)
  await asked.tell({ postern: idOf(answer), status: 404, bytes: 0 })
  await waitFor(async () => (await counters(asked, marker)).downloads === 0, { what: 'the last line' })
}

describe('a gate that reads the log of a front', () => {
  let asked: Asked
  beforeAll(async () => {
    asked = await startAskedGate()
  }, START_MS)
  afterAll(async () => {
    await asked?.[Symbol.asyncDispose]()
  })

  test('charges the whole before, and what was sent when the line comes', async () => {
    const token = await asked.gate().createToken(FILES, FAR)
    const answer = await asked.ask(token.token)
    expect(answer.status).toBe(200)
    expect(await counters(asked, token)).toEqual({ downloads: 1, bandwidth: TOOL_BYTES, clients: 1 })
    await asked.tell({ postern: idOf(answer), status: 200, bytes: 100_000 })
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 1, bandwidth: 100_000, clients: 1 })
  })

  test.each([404, 403, 500, 502, 304])('gives back what ended with a %d', async (status) => {
    const token = await asked.gate().createToken(FILES, FAR)
    await asked.tell({ postern: idOf(await asked.ask(token.token)), status, bytes: 555 })
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 0, bandwidth: 0, clients: 0 })
  })

  test('resumes a download that was cut, for nothing', async () => {
    const token = await asked.gate().createToken(FILES, { ...FAR, limit_num_downloads: 1 })
    await asked.tell({ postern: idOf(await asked.ask(token.token)), status: 200, bytes: 100_000 })
    await settled(asked)
    const rest = await asked.ask(token.token, undefined, { Range: 'bytes=100000-' })
    expect(rest.headers['x-postern-range']).toBe(`bytes=100000-${TOOL_BYTES - 1}`)
    await asked.tell({ postern: idOf(rest), status: 206, bytes: 200_000 })
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 1, bandwidth: TOOL_BYTES, clients: 1 })
    expect((await asked.ask(token.token)).headers['x-postern-refusal']).toBe('downloads_used_up')
  })

  test('counts a token without limits, too', async () => {
    const token = await asked.gate().createToken(FILES)
    await asked.tell(
      { postern: idOf(await asked.ask(token.token)), status: 200, bytes: TOOL_BYTES },
      { postern: idOf(await asked.ask(token.token)), status: 404, bytes: 10 },
    )
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 1, bandwidth: TOOL_BYTES, clients: 1 })
  })

  test('settles a delivery once, however often its line comes', async () => {
    const token = await asked.gate().createToken(FILES, FAR)
    const postern = idOf(await asked.ask(token.token))
    await asked.tell({ postern, status: 200, bytes: 5 }, { postern, status: 404, bytes: 0 })
    await asked.tell({ postern, status: 404, bytes: 0 })
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 1, bandwidth: 5, clients: 1 })
  })

  test('believes no id that it did not write', async () => {
    const token = await asked.gate().createToken(FILES, FAR)
    const [text = '', proof = ''] = idOf(await asked.ask(token.token)).split('.')
    const other = Buffer.from(text, 'base64url').toString().replace('"start":0', '"start":1')
    for (const postern of [
      `${text}.${proof.slice(0, -2)}AA`,
      `${text}.`,
      `${text}`,
      `${Buffer.from(other).toString('base64url')}.${proof}`,
      '',
      '-',
    ])
      await asked.tell({ postern, status: 404, bytes: 0 })
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 1, bandwidth: TOOL_BYTES, clients: 1 })
  })

  test('charges a front that sends the whole in place of a part', async () => {
    const token = await asked.gate().createToken(FILES, FAR)
    const probe = await asked.ask(token.token, undefined, { Range: 'bytes=-10' })
    expect(await counters(asked, token)).toEqual({ downloads: 0, bandwidth: 10, clients: 0 })
    await asked.tell({ postern: idOf(probe), status: 200, bytes: TOOL_BYTES })
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 1, bandwidth: TOOL_BYTES, clients: 1 })
  })

  test('counts what the gate sent in the end as the gate does, and not twice', async () => {
    const token = await asked.gate().createToken(FILES, FAR)
    await asked.tell({
      postern: idOf(await asked.ask(token.token)),
      by: 'gate',
      status: 200,
      bytes: TOOL_BYTES,
    })
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 0, bandwidth: 0, clients: 0 })
  })

  test('writes a line of its own log when it knows how the delivery ended', async () => {
    const token = await asked.gate().createToken(FILES, FAR)
    await asked.tell({ postern: idOf(await asked.ask(token.token)), status: 200, bytes: 7 })
    const lines = (): object[] =>
      asked
        .gate()
        .output()
        .split('\n')
        .filter((line) => line.includes(token.slug_perm) && line.endsWith('}'))
        .map((line) => JSON.parse(line) as object)
    await expect
      .poll(lines)
      .toMatchObject([{ status: 200, outcome: 'aborted', bytes: 7, downloads: 1, client: '192.0.2.7' }])
  })
})

test.each(['sqlite', 'redis'])(
  'a gate that was killed settles what the one before had decided, once (%s)',
  async (kind) => {
    await using redis = kind === 'redis' ? await startRedis() : undefined
    await using asked = await startAskedGate({
      secret_key: 'a key that outlives the process 0123456789',
      ...(redis === undefined ? {} : { store: `redis://127.0.0.1:${redis.port}` }),
    })
    const token = await asked.gate().createToken(FILES, FAR)
    const [cut, absent] = [await asked.ask(token.token), await asked.ask(token.token, 'large.bin')]
    await asked.restart('SIGKILL')
    await asked.tell(
      { postern: idOf(cut), status: 200, bytes: 1_234 },
      { postern: idOf(absent), status: 404, bytes: 0 },
    )
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 1, bandwidth: 1_234, clients: 1 })
    // Those of the dead, and the mark.
    await expect.poll(() => offloadsOf(asked)).toEqual({ pending: 0, settled: 3, given_up: 0 })
    // All lines once more.
    await asked.gate().stop()
    await rm(join(asked.directory, 'state.json'))
    await asked.restart('SIGTERM')
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 1, bandwidth: 1_234, clients: 1 })
  },
  START_MS,
)

test(
  'lines that were written while no gate ran are settled by the next',
  async () => {
    await using asked = await startAskedGate({ secret_key: 'a key that outlives the process 0123456789' })
    const token = await asked.gate().createToken(FILES, FAR)
    const answer = await asked.ask(token.token)
    await asked.gate().stop()
    await asked.tell({ postern: idOf(answer), status: 200, bytes: 1_234 })
    await asked.restart('SIGTERM')
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 1, bandwidth: 1_234, clients: 1 })
  },
  START_MS,
)

test(
  'a delivery of which no line comes is taken for made in full',
  async () => {
    await using asked = await startAskedGate({ offload: { settle_within: '4s' } })
    const limited = await asked.gate().createToken(FILES, { limit_concurrency: 1 })
    await asked.ask(limited.token)
    expect((await asked.ask(limited.token)).headers['x-postern-refusal']).toBe('concurrency_exceeded')
    expect(await offloadsOf(asked)).toEqual({ pending: 1, settled: 0, given_up: 0 })
    await waitFor(async () => (await counters(asked, limited)).bandwidth === TOOL_BYTES, {
      what: 'the time to be over',
    })
    expect(await offloadsOf(asked)).toEqual({ pending: 0, settled: 0, given_up: 1 })
    expect((await asked.ask(limited.token)).status).toBe(200)
  },
  START_MS,
)

test(
  'workers settle what each of them decided',
  async () => {
    await using asked = await startAskedGate({ workers: 2 })
    const token = await asked.gate().createToken(FILES, FAR)
    const answers = await Promise.all(Array.from({ length: 20 }, () => asked.ask(token.token)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20)
    const ends = answers.map((answer, at) => ({
      postern: idOf(answer),
      status: at % 2 === 0 ? 200 : 404,
      bytes: TOOL_BYTES,
    }))
    await asked.tell(...ends)
    await settled(asked)
    expect(await counters(asked, token)).toEqual({ downloads: 10, bandwidth: 10 * TOOL_BYTES, clients: 1 })
    const lines = (): string[] =>
      asked
        .gate()
        .output()
        .split('\n')
        .filter((line) => line.includes(token.slug_perm))
    await expect.poll(lines).toHaveLength(20)
    // Of both workers, and the mark of settled().
    await expect.poll(() => offloadsOf(asked)).toEqual({ pending: 0, settled: 21, given_up: 0 })
  },
  START_MS,
)

test(
  'without a log what was decided is taken for delivered at once',
  async () => {
    await using asked = await startAskedGate({ offload: { logs: [] } })
    const token = await asked.gate().createToken(FILES, { ...FAR, limit_concurrency: 1 })
    const first = await asked.ask(token.token)
    expect(first.headers['x-postern-delivery']).toBeUndefined()
    expect((await asked.ask(token.token)).status).toBe(200)
    expect(await counters(asked, token)).toEqual({ downloads: 2, bandwidth: 2 * TOOL_BYTES, clients: 1 })
  },
  START_MS,
)

test(
  'without sizes a copy is a copy, and its bytes are those of the log',
  async () => {
    await using asked = await startAskedGate({ offload: { sizes: 'unknown' } })
    const token = await asked.gate().createToken(FILES, { limit_num_downloads: 2 })
    const heard = asked.storage.heard().length
    const [one, other] = [await asked.ask(token.token), await asked.ask(token.token)]
    expect((await asked.ask(token.token)).headers['x-postern-refusal']).toBe('downloads_used_up')
    expect(asked.storage.heard()).toHaveLength(heard)
    await asked.tell(
      { postern: idOf(one), status: 200, bytes: TOOL_BYTES },
      { postern: idOf(other), status: 404, bytes: 9 },
    )
    await waitFor(async () => (await counters(asked, token)).downloads === 1, { what: 'the lines' })
    expect(await counters(asked, token)).toEqual({ downloads: 1, bandwidth: TOOL_BYTES, clients: 1 })
    // A limit on bytes needs the size all the same.
    const counted = await asked
      .gate()
      .createToken(FILES, { limit_bandwidth: 1_000, limit_bandwidth_unit: 'Byte' })
    expect((await asked.ask(counted.token)).headers['x-postern-refusal']).toBe('bandwidth_used_up')
  },
  START_MS,
)

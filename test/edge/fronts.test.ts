import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { countersOf, installByApt, installByNpm, lookAround, type Counters } from './fronts/figures.ts'
import { JS, STABLE, type RunningFront } from './fronts/front.ts'
import { FRONTS } from './fronts/fronts.ts'

const [first, ...rest] = FRONTS
const START_MS = 120_000

interface Figures {
  readonly apt: Counters
  readonly npm: Counters
  readonly seen: Readonly<Record<string, unknown>>
}

let storage: Storage
let reference: Figures

/** Lines of logs come a moment after what they tell of. */
async function settled(
  front: RunningFront,
  repository: string,
  token: GateToken,
  wanted: Counters,
): Promise<Counters> {
  await waitFor(async () => (await countersOf(front, repository, token)).bandwidth >= wanted.bandwidth, {
    what: 'the lines of the log',
    timeoutMs: 10_000,
  }).catch(() => undefined)
  return countersOf(front, repository, token)
}

beforeAll(async () => {
  storage = await startStorage('deb', 'npm')
  await using gate = await first.start(storage)
  reference = {
    apt: await countersOf(gate, STABLE, await installByApt(gate, storage)),
    npm: await countersOf(gate, JS, await installByNpm(gate)),
    seen: await lookAround(gate),
  }
}, START_MS)

afterAll(async () => {
  await storage?.[Symbol.asyncDispose]()
})

test('what the others are compared with is what customers are promised', () => {
  expect(reference.apt).toMatchObject({ downloads: 2, clients: 1 })
  expect(reference.npm).toMatchObject({ downloads: 2, clients: 1 })
  expect(reference.seen).toMatchObject({
    'a package': { status: 200 },
    'one too many': { status: 403, code: 'downloads_used_up' },
    'the end of it': { status: 206, bytes: 10 },
    'an encoded slash': { status: 400, code: 'path_ambiguous' },
    'no credential': { status: 401 },
  })
})

describe.each(rest)('$name', ({ start }) => {
  let front: RunningFront

  beforeAll(async () => {
    front = await start(storage)
  }, START_MS)

  afterAll(async () => {
    await front?.[Symbol.asyncDispose]()
  })

  test('apt-get installs, for the same downloads, clients and bytes', async () => {
    const token = await installByApt(front, storage)
    expect(await settled(front, STABLE, token, reference.apt)).toEqual(reference.apt)
  }, 60_000)

  test('npm installs, for the same downloads, clients and bytes', async () => {
    const token = await installByNpm(front)
    const { bandwidth, ...others } = await settled(front, JS, token, reference.npm)
    const { bandwidth: expected, ...same } = reference.npm
    expect(others).toEqual(same)
    // Documents of npm name URLs: with TLS each of them has a letter more.
    const letters = front.authority === undefined ? 0 : 20
    expect(bandwidth).toBeGreaterThanOrEqual(expected)
    expect(bandwidth).toBeLessThanOrEqual(expected + letters)
  }, 60_000)

  test('answers and refusals are the same', async () => {
    expect(await lookAround(front)).toEqual(reference.seen)
  }, 60_000)
})

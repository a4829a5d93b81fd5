import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateToken } from '../../support/gate.ts'
import { negotiate } from '../../support/http2.ts'
import { waitFor } from '../../support/processes.ts'
import type { Storage } from '../../support/repositories.ts'
import { get } from '../../support/requests.ts'
import { cutAndResume, takeAllButTheEnd, type Leave } from './cut.ts'
import { countersOf, installByApt, installByNpm, lookAround, PLAIN_DEMO, type Counters } from './figures.ts'
import { DOORS, JS, STABLE, type Door, type Front, type RunningFront } from './front.ts'
import { plain } from './plain.ts'

const START_MS = 120_000

interface Figures {
  readonly apt: Counters
  readonly npm: Counters
  readonly looked: Counters
  readonly seen: Readonly<Record<string, unknown>>
}

const DOOR_NAMES: Readonly<Record<Door, string>> = {
  http: 'HTTP',
  tls: 'TLS without HTTP/2',
  h2: 'TLS with HTTP/2',
}

/**
 * Has apt-get, npm and a person with curl come to each of the fronts through each of its doors. What they are charged and told has to be as
 * it is with the gate alone, over plain HTTP.
 */
export function crossFrontsWithDoors<Packages extends Storage>(
  fronts: readonly Front<Packages>[],
  startPackages: () => Promise<Packages>,
): void {
  let packages: Packages
  let reference: Figures

  beforeAll(async () => {
    packages = await startPackages()
    reference = await measureReference(packages)
  }, START_MS)

  afterAll(async () => {
    await packages?.[Symbol.asyncDispose]()
  })

  test('what all are compared with is what customers are promised', () => {
    expect(reference.apt).toMatchObject({ downloads: 2, clients: 1 })
    expect(reference.npm).toMatchObject({ downloads: 2, clients: 1 })
    expect(reference.looked).toMatchObject({ downloads: 2, clients: 1 })
    expect(reference.seen).toMatchObject({
      'a package': { status: 200 },
      'one too many': { status: 403, code: 'downloads_used_up' },
      'the end of it': { status: 206, bytes: 10 },
      'an encoded slash': { status: 400, code: 'path_ambiguous' },
      'no credential': { status: 401 },
    })
  })

  const rows = fronts.flatMap((front) => DOORS.map((door) => ({ front, door, title: titleOf(front, door) })))
  describe.each(rows)('$title', ({ front, door }) => {
    compareWith(
      () => reference,
      () => packages,
      front,
      door,
    )
  })
}

function titleOf({ name }: Pick<Front, 'name'>, door: Door): string {
  return `${name}, ${DOOR_NAMES[door]}`
}

async function measureReference(packages: Storage): Promise<Figures> {
  await using gate = await plain.start(packages)
  const [apt, npm, { seen, token }] = await Promise.all([
    installByApt(gate, packages),
    installByNpm(gate),
    lookAround(gate),
  ])
  const looked = await countersOf(gate, STABLE, token)
  return { apt: await countersOf(gate, STABLE, apt), npm: await countersOf(gate, JS, npm), looked, seen }
}

function compareWith<Packages extends Storage>(
  reference: () => Figures,
  packages: () => Packages,
  { start, isByLinks = false }: Front<Packages>,
  door: Door,
): void {
  let front: RunningFront

  beforeAll(async () => {
    front = await start(packages(), { door })
  }, START_MS)

  afterAll(async () => {
    await front?.[Symbol.asyncDispose]()
  })

  test('HTTP/2 is spoken where it is on', async () => {
    const chosen = door === 'http' ? undefined : await negotiate(front.url)
    expect(chosen === 'h2').toBe(door === 'h2')
  })

  test('a package is at a link where there are links, by the scheme that the customer came with', async () => {
    const { token } = await front.gate.createToken(STABLE)
    const { status, headers } = await get(`${front.look}/${token}/${STABLE}/${PLAIN_DEMO}`)
    expect(status).toBe(isByLinks ? 302 : 200)
    const scheme = URL.parse(String(headers['location']))?.protocol
    expect(scheme).toBe(isByLinks ? new URL(front.url).protocol : undefined)
  })

  test.concurrent('apt-get installs, for the same downloads, clients and bytes', async () => {
    const token = await installByApt(front, packages())
    const { apt } = reference()
    expect(await settled(front, STABLE, token, apt)).toEqual(apt)
  })

  test.concurrent('npm installs, for the same downloads, clients and bytes', async () => {
    const token = await installByNpm(front)
    const { npm } = reference()
    const { bandwidth, ...others } = await settled(front, JS, token, npm)
    const { bandwidth: expected, ...same } = npm
    expect(others).toEqual(same)
    // Documents of npm name URLs: with TLS each of them has a letter more.
    expect(bandwidth).toBeGreaterThanOrEqual(expected)
    expect(bandwidth).toBeLessThanOrEqual(expected + (door === 'http' ? 0 : 20))
  })

  test.concurrent('answers, refusals and what they cost are the same', async () => {
    const { seen, token } = await lookAround(front)
    const { looked, seen: told } = reference()
    expect(seen).toEqual(told)
    expect(await settled(front, STABLE, token, looked)).toEqual(looked)
  })

  leaveEarly(() => front, door, isByLinks)
}

/** Who has a link may have the whole file: it is charged as such. */
function leaveEarly(front: () => RunningFront, door: Door, isByLinks: boolean): void {
  const ways: readonly Leave[] = door === 'h2' ? ['reset', 'drop'] : ['drop']
  test.concurrent.each(isByLinks ? [] : ways)(
    'a download that was cut (%s) costs what was sent, and is resumed for nothing',
    async (leave) => {
      const { size, received, sent, rest, lines, charged } = await cutAndResume(front(), leave)
      expect(sent).toBeGreaterThanOrEqual(received)
      expect(rest).toMatchObject({ status: 206, complete: true })
      expect(rest.body).toHaveLength(size - received)
      expect(lines).toMatchObject([
        { outcome: 'aborted', bytes: sent, downloads: 1 },
        { outcome: 'delivered', bytes: size - received, downloads: 0 },
      ])
      expect(charged).toEqual({ downloads: 1, clients: 1, bandwidth: sent + size - received })
    },
  )

  test.concurrent.each(door === 'h2' && !isByLinks ? [door] : [])(
    'who takes all of a package but its last byte has downloaded it (%s)',
    async () => {
      const { size, received, charged } = await takeAllButTheEnd(front())
      expect(received).toBe(size - 1)
      expect(charged).toMatchObject({ downloads: 1, clients: 1 })
      expect(charged.bandwidth).toBeGreaterThanOrEqual(received)
    },
  )
}

/**
 * What was charged when the lines of the log have come of all that others delivered, and usage that guards no limit has been added. When that
 * is never as much as is wanted: what it is.
 */
async function settled(
  front: RunningFront,
  repository: string,
  token: GateToken,
  wanted: Counters,
): Promise<Counters> {
  const read = (): Promise<Counters> => countersOf(front, repository, token)
  await waitFor(async () => (await pendingOf(front)) === 0, { what: 'the lines of the log' })
  await waitFor(async () => (await read()).bandwidth >= wanted.bandwidth, {
    what: 'all that was used',
    timeoutMs: 10_000,
  }).catch(() => undefined)
  return read()
}

/** Deliveries of which no line has come yet. A gate without a log has none. */
async function pendingOf({ gate }: RunningFront): Promise<number> {
  const figures = await (await fetch(`${gate.adminUrl}/metrics`)).text()
  return Number(/^postern_offloads_pending\{way="proxy"\} (\d+)$/m.exec(figures)?.[1] ?? 0)
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateToken } from '../../support/gate.ts'
import { negotiate } from '../../support/http2.ts'
import type { Storage } from '../../support/repositories.ts'
import { get } from '../../support/requests.ts'
import { expectCutIsSettled, type Leave } from './cut.ts'
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
  return {
    apt: await countersOf(gate, STABLE, apt),
    npm: await countersOf(gate, JS, npm),
    looked: await countersOf(gate, STABLE, token),
    seen,
  }
}

function compareWith<Packages extends Storage>(
  reference: () => Figures,
  packages: () => Packages,
  { start, isByLinks }: Front<Packages>,
  door: Door,
): void {
  let front: RunningFront

  beforeAll(async () => {
    front = await start(packages(), { door })
  }, START_MS)

  afterAll(async () => {
    await front?.[Symbol.asyncDispose]()
  })

  test.runIf(door !== 'http')('HTTP/2 is spoken where it is on', async () => {
    expect((await negotiate(front.url)) === 'h2').toBe(door === 'h2')
  })

  test.concurrent('apt-get installs, for the same downloads, clients and bytes', async () => {
    const token = await installByApt(front, packages())
    expect(await settled(front, STABLE, token)).toEqual(reference().apt)
  })

  test.concurrent('npm installs, for the same downloads, clients and bytes', async () => {
    const token = await installByNpm(front)
    const { bandwidth, ...others } = await settled(front, JS, token)
    const { bandwidth: expected, ...same } = reference().npm
    expect(others).toEqual(same)
    // Documents of npm name URLs: with TLS each of them has a letter more.
    expect(bandwidth).toBeGreaterThanOrEqual(expected)
    expect(bandwidth).toBeLessThanOrEqual(expected + (door === 'http' ? 0 : 20))
  })

  test.concurrent('answers, refusals and what they cost are the same', async () => {
    const { seen, token } = await lookAround(front)
    expect(seen).toEqual(reference().seen)
    const { bandwidth, ...others } = await settled(front, STABLE, token)
    const { bandwidth: expected, ...same } = reference().looked
    expect(others).toEqual(same)
    // Links are charged as whole files.
    if (isByLinks !== true) expect(bandwidth).toBe(expected)
  })

  test.runIf(isByLinks)('a package is at a link, by the scheme that the customer came with', async () => {
    const { token } = await front.gate.createToken(STABLE)
    const { status, headers } = await get(`${front.look}/${token}/${STABLE}/${PLAIN_DEMO}`)
    expect(status).toBe(302)
    expect(new URL(String(headers['location'])).protocol).toBe(new URL(front.url).protocol)
  })

  const ways: readonly Leave[] = isByLinks === true ? [] : door === 'h2' ? ['reset', 'drop'] : ['drop']
  test.concurrent.each(ways)(
    'a download that was cut (%s) costs what was sent, and is resumed for nothing',
    (leave) => expectCutIsSettled(front, front.look, leave),
  )
}

/** When the line of the log has come of all that others deliver. */
async function settled(front: RunningFront, repository: string, token: GateToken): Promise<Counters> {
  const pending = async (): Promise<number> => {
    const figures = await (await fetch(`${front.gate.adminUrl}/metrics`)).text()
    return Number(/^postern_offloads_pending\{way="proxy"\} (\d+)$/m.exec(figures)?.[1] ?? 0)
  }
  await expect.poll(pending).toBe(0)
  return countersOf(front, repository, token)
}

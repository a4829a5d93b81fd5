import { createHash } from 'node:crypto'
import { get } from '../../test/support/requests.ts'
import { packageAsk, type Ask, type Workload } from './workload.ts'
import { makeBody, writeLinked } from './write-file.ts'

/** What a fleet of machines does that run `apt-get update && apt-get install` on behalf of many customers. */

export const FLEET_TOKENS = 200
const CONNECTIONS = 64
const ROUNDS = 256
/** A round is eight visits of a machine: seven find that nothing is new, one fetches the indexes; each second one installs packages. */
const VISITS = 8
const SUITES = ['stable', 'stable-updates'] as const
const INSTALLED = [1, 0, 2, 0, 5, 0, 4, 0] as const
const RELEASE_BYTES = 60_000
const INDEX_BYTES = 200_000
/** Contents of packages; each is that of many names. */
const DISTINCT = 48
const LEAST_BYTES = 5_000
const MOST_BYTES = 2_000_000
const MEDIAN_BYTES = 64_000
/** Of the logarithm: a third of the packages is smaller than a fourth of the median, or larger than four times that. */
const SPREAD = 1.4

interface Index {
  readonly release: Ask
  readonly unchanged: readonly [Ask, Ask]
  readonly packages: Ask
}

/** Writes a repository into the folder `root` of the running storage at `origin`, and makes the requests of the fleet. */
export async function writeFleet(root: string, origin: string): Promise<Workload> {
  const indexes = await Promise.all(SUITES.map((suite) => writeIndex(root, origin, suite)))
  const packages = await writePackages(root)
  let next = 0
  const take = (count: number): readonly Ask[] => {
    const taken = packages.slice(next, next + count)
    next = (next + count) % packages.length
    return taken
  }
  const asks: Ask[] = []
  for (let visit = 0; visit < ROUNDS * VISITS; visit++) {
    const found = indexes.flatMap((index) => update(index, visit))
    const made = [...found, ...take(INSTALLED[visit % VISITS] ?? 0)]
    asks.push(...made.map((ask) => ({ ...ask, token: visit % FLEET_TOKENS })))
  }
  return { name: 'Fleet mix', asks, connections: CONNECTIONS, walk: 'share' }
}

/** One machine in two asks by time, as apt does, the others by ETag. */
function update({ release, unchanged, packages }: Index, visit: number): readonly Ask[] {
  if (visit % VISITS === VISITS - 1) return [release, packages]
  return [unchanged[visit % 2 === 0 ? 0 : 1]]
}

async function writeIndex(root: string, origin: string, suite: string): Promise<Index> {
  const [release, index] = [makeBody(RELEASE_BYTES), makeBody(INDEX_BYTES)]
  const releasePath = `dists/${suite}/InRelease`
  const digest = createHash('sha256').update(index).digest('hex')
  const indexPath = `dists/${suite}/main/binary-amd64/by-hash/SHA256/${digest}`
  await writeLinked(root, [releasePath], release)
  await writeLinked(root, [indexPath], index)
  const { headers } = await get(`${origin}/${releasePath}`)
  const free = (path: string, body: Buffer): Ask => ({ ...packageAsk(path, body), isCharged: false })
  const unchanged = (name: string, value: string | string[] | undefined): Ask => ({
    ...free(releasePath, Buffer.alloc(0)),
    headers: { [name]: String(value) },
    status: 304,
  })
  return {
    release: free(releasePath, release),
    unchanged: [
      unchanged('If-Modified-Since', headers['last-modified']),
      unchanged('If-None-Match', headers['etag']),
    ],
    packages: free(indexPath, index),
  }
}

/** As many as the whole fleet installs, each once, sizes mixed. */
async function writePackages(root: string): Promise<readonly Ask[]> {
  const total = ROUNDS * INSTALLED.reduce<number>((sum, each) => sum + each, 0)
  const names = Array.from({ length: total }, (_, index) => index)
  const sets = Array.from({ length: DISTINCT }, (_, at) => ({
    body: makeBody(bytesAt((at + 0.5) / DISTINCT)),
    paths: names.filter((index) => index % DISTINCT === at).map(pathOf),
  }))
  await Promise.all(sets.map(({ paths, body }) => writeLinked(root, paths, body)))
  const asks = sets.flatMap(({ paths, body }) => paths.map((path) => packageAsk(path, body)))
  // Neighbours of a list by size must not be neighbours of the requests; the step shares no factor with the number.
  return names.flatMap((index) => asks[(index * 1_009) % asks.length] ?? [])
}

function pathOf(index: number): string {
  return `pool/main/f/fleet-${index}/fleet-${index}_1.0-1_amd64.deb`
}

/** The size below which a share `quantile` of the packages lies: log-normal, cut at both ends. */
function bytesAt(quantile: number): number {
  const bytes = MEDIAN_BYTES * Math.exp(SPREAD * normalAt(quantile))
  return Math.round(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, bytes)))
}

/** Quantile of the normal distribution by its logistic approximation, close enough for sizes of files. */
function normalAt(quantile: number): number {
  return Math.log(quantile / (1 - quantile)) / 1.702
}

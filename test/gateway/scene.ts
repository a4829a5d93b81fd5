import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Gate, GateToken } from '../support/gate.ts'
import { startNginx, type Nginx } from '../support/nginx.ts'
import { temporaryDirectory, waitFor } from '../support/processes.ts'
import { startRedis, type RedisServer } from '../support/redis.ts'
import { startCustomers, wholeOf, type Customer, type Customers, type Ending } from './customers.ts'
import { createHosts } from './hosts.ts'
import { isDelivery, isLine, readLines } from './lines.ts'
import { REPOSITORY } from './pair.ts'

/** Two hosts of two workers each on one Redis and one storage, and customers who do not stop. */
export interface Scene extends AsyncDisposable {
  readonly redis: RedisServer
  readonly nginx: Nginx
  readonly hosts: readonly [Gate, Gate]
  readonly customers: Customers
  /** Its limits are far away. Some of its downloads take a second or two. */
  readonly ample: GateToken
  /** Has so many downloads as `SCARCE`, which will be used up. */
  readonly scarce: GateToken
  /** Without limits: counted in memory. */
  readonly free: GateToken
  readonly read: (token: GateToken) => Promise<GateToken>
}

/** Downloads of the token that has few. */
export const SCARCE = 500
const FAR = 1_000_000_000_000
const SMALL_BYTES = 1_024
const SLOW_BYTES = 600_000
const SLOW_CUSTOMERS = 8

/** Starts all of it, with a log of Redis that is written as `appendfsync` says. */
export async function startScene(appendfsync: 'always' | 'everysec'): Promise<Scene> {
  await using started = new AsyncDisposableStack()
  const nginx = await startFiles(started)
  const redis = started.use(await startRedis({ settings: { appendonly: 'yes', appendfsync } }))
  const start = createHosts(`redis://127.0.0.1:${redis.port}`, `${nginx.url}/`)
  const hosts = await Promise.all([start(), start()])
  for (const host of hosts) started.use(host)
  const [here] = hosts
  const bandwidth = { limit_bandwidth: FAR, limit_bandwidth_unit: 'Byte' }
  const ample = await here.createToken(REPOSITORY, { limit_num_downloads: FAR, ...bandwidth })
  const scarce = await here.createToken(REPOSITORY, { limit_num_downloads: SCARCE })
  const free = await here.createToken(REPOSITORY)
  const customers = startCustomers(hosts, [
    ...shoppers(ample, 'small', 6),
    ...shoppers(ample, 'slow', SLOW_CUSTOMERS),
    ...shoppers(scarce, 'small', 4),
    ...shoppers(free, 'small', 2),
  ])
  started.defer(customers.stop)
  const kept = started.move()
  return {
    redis,
    nginx,
    hosts,
    customers,
    ample,
    scarce,
    free,
    read: ({ slug_perm }) => here.readToken(REPOSITORY, slug_perm),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Serves two files under whatever name is asked for, so that each request is a download of its own. */
async function startFiles(started: AsyncDisposableStack): Promise<Nginx> {
  const folder = started.use(await temporaryDirectory('files'))
  await writeFile(join(folder.path, 'small.bin'), randomBytes(SMALL_BYTES))
  await writeFile(join(folder.path, 'slow.bin'), randomBytes(SLOW_BYTES))
  const serverConfig = `root ${folder.path};
    location /small/ { try_files /small.bin =404; }
    location /slow/ { limit_rate 256k; try_files /slow.bin =404; }`
  return started.use(await startNginx({ serverConfig }))
}

function shoppers({ token }: GateToken, kind: 'small' | 'slow', count: number): Customer[] {
  return Array.from({ length: count }, (_, at) => ({
    token,
    path: (turn) => `${kind}/${token}-${at}-${turn}.bin`,
  }))
}

/** Until a good part of what is scarce is gone, and slow downloads have come whole and others are under way. */
export async function untilBusy({ customers: { endings }, scarce, ample }: Scene): Promise<void> {
  const isBusy = (): boolean =>
    wholeOf(endings, scarce).length > SCARCE / 4 && slowOf(wholeOf(endings, ample)).length > 0
  await waitFor(isBusy, { what: 'the load' })
}

/** Until slow downloads that were under way at `since` have come. */
export async function untilSlowOnesCame(
  { customers: { endings }, ample }: Scene,
  since: number,
): Promise<void> {
  const isLater = ({ endedAt }: Ending): boolean => endedAt > since
  await waitFor(() => slowOf(wholeOf(endings, ample)).some(isLater), { what: 'slow downloads to end' })
}

/** Until, since then, what is scarce is used up at both hosts, and both have served others for a while. */
export async function untilUsedUp({ hosts, customers, scarce, ample }: Scene, since: number): Promise<void> {
  const count = ({ token }: GateToken, host: number, how: string): number =>
    customers.endings.filter(
      (each) => each.token === token && each.host === host && each.how === how && each.endedAt > since,
    ).length
  const isOver = (): boolean =>
    hosts.every((_, host) => count(scarce, host, '403') > 20 && count(ample, host, '200') > 50)
  await waitFor(isOver, { what: 'the service and its last downloads', timeoutMs: 60_000 })
}

function slowOf(endings: readonly Ending[]): readonly Ending[] {
  return endings.filter(({ received }) => received === SLOW_BYTES)
}

/** Downloads and bytes by the hosts' own account of each request. */
export function sentBy({ hosts }: Scene, { slug_perm }: GateToken): readonly [number, number] {
  const lines = hosts.flatMap((host) => readLines(host.output())).filter(isLine)
  const own = lines.filter((line) => line.token === slug_perm && isDelivery(line))
  return [own.filter(({ bytes }) => bytes > 0).length, own.reduce((sum, { bytes }) => sum + bytes, 0)]
}

import { randomBytes } from 'node:crypto'
import { startGate, type Gate, type GateToken } from '../../test/support/gate.ts'
import { startRedis } from '../../test/support/redis.ts'
import { get } from '../../test/support/requests.ts'
import { gatedPath, LIMITS, REPOSITORY } from './limits.ts'
import { NAMES, type Peer, type Refusing } from './peer.ts'

/** The same storage, small files of which are kept in memory. */
const CACHED = 'acme/cached'
const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString()

/** The real server as a process of its own, with tokens of every kind that is measured. */
export interface Postern extends AsyncDisposable {
  readonly unlimited: Peer
  readonly limited: Peer
  /** Limited tokens, small files answered from memory. */
  readonly cached: Peer
  readonly refusing: readonly Refusing[]
}

export interface PosternOptions {
  readonly storage: Peer
  /** How many limited tokens there are, of each kind. */
  readonly tokens: number
  /** Some file of the storage. */
  readonly samplePath: string
  /** A CPU profile is written there when the server ends. */
  readonly profileDirectory?: string | undefined
}

/** With its books in SQLite, as it is by default. */
export async function startPostern(options: PosternOptions): Promise<Postern> {
  return createPostern(await startOn(options, undefined), options, [NAMES.sqlite, NAMES.sqliteCache])
}

/** With its books in a Redis of its own. */
export async function startPosternOnRedis(options: PosternOptions): Promise<Postern> {
  await using started = new AsyncDisposableStack()
  const redis = started.use(await startRedis())
  const gate = started.use(await startOn(options, `redis://127.0.0.1:${redis.port}`))
  const postern = await createPostern(gate, options, [NAMES.redis, NAMES.redisCache])
  const helped = <Kind extends Peer>(peer: Kind): Kind => ({ ...peer, helpers: [redis.pid()] })
  const stack = started.move()
  return {
    unlimited: helped(postern.unlimited),
    limited: helped(postern.limited),
    cached: helped(postern.cached),
    refusing: postern.refusing.map(helped),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** A store that was filled with tokens before, see tokens/filled.ts, and the options of Node for the server over it. */
export interface FilledStore {
  readonly url: string
  readonly secretKey: string
  readonly nodeOptions: string
}

/** A server over a filled store. Its tokens have the secrets of limits.ts. */
export async function startPosternOnFilled(storage: Peer, filled: FilledStore, name: string): Promise<Peer> {
  const { url, secretKey, nodeOptions } = filled
  const config = { ...configOf(storage), store: url, secret_key: secretKey }
  const gate = await startGate({ config, env: { NODE_OPTIONS: nodeOptions } })
  return { ...asPeer(gate, name, []), pathOf: gatedPath, [Symbol.asyncDispose]: gate[Symbol.asyncDispose] }
}

/** Options of Node that write a CPU profile when the server ends; none without a directory. */
export function cpuProfiling(directory: string | undefined): string {
  return directory === undefined ? '' : `--cpu-prof --cpu-prof-dir=${directory} --cpu-prof-interval=500`
}

function startOn({ storage, profileDirectory }: PosternOptions, store: string | undefined): Promise<Gate> {
  return startGate({
    config: {
      ...configOf(storage),
      ...(store === undefined ? {} : { store, secret_key: randomBytes(32).toString('hex') }),
    },
    env: { NODE_OPTIONS: cpuProfiling(profileDirectory) },
  })
}

function configOf({ origin }: Peer) {
  return {
    repositories: {
      [REPOSITORY]: { format: 'deb', upstream: `${origin}/`, cache: false },
      [CACHED]: { format: 'deb', upstream: `${origin}/` },
    },
    log: { access: false },
  } as const
}

async function createPostern(
  gate: Gate,
  { tokens, samplePath }: PosternOptions,
  [limitedName, cachedName]: readonly [string, string],
): Promise<Postern> {
  try {
    return {
      unlimited: asPeer(gate, NAMES.unlimited, [await gate.createToken(REPOSITORY)]),
      limited: await limitedPeer(gate, limitedName, REPOSITORY, tokens),
      cached: await limitedPeer(gate, cachedName, CACHED, tokens),
      refusing: await refusingPeers(gate, samplePath),
      [Symbol.asyncDispose]: gate[Symbol.asyncDispose],
    }
  } catch (error) {
    await gate.stop()
    throw error
  }
}

const FIELDS: Readonly<Record<string, unknown>> = {
  limit_date_range_from: new Date(LIMITS.validFrom).toISOString(),
  limit_date_range_to: new Date(LIMITS.validUntil).toISOString(),
  limit_packages: LIMITS.packages,
  limit_num_downloads: LIMITS.downloads,
  limit_num_clients: LIMITS.clients,
}

/** So many tokens as limited as those of every gate. */
export async function limitedPeer(
  gate: Gate,
  name: string,
  repository: string,
  count: number,
): Promise<Peer> {
  const tokens: GateToken[] = []
  for (let token = 0; token < count; token++) tokens.push(await gate.createToken(repository, FIELDS))
  const read = (slugPerm: string): Promise<GateToken> => gate.readToken(repository, slugPerm)
  return {
    ...asPeer(gate, name, tokens, repository),
    countDownloads: async () => {
      let sum = 0
      // One after the other: the management API refuses more than some at once.
      for (const { slug_perm: slugPerm } of tokens) sum += (await read(slugPerm)).downloads
      return sum
    },
  }
}

async function refusingPeers(gate: Gate, samplePath: string): Promise<readonly Refusing[]> {
  const expired = await gate.createToken(REPOSITORY, { limit_date_range_to: YESTERDAY })
  const usedUp = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  const peers = [
    asPeer(gate, 'Postern: unknown token', [{ token: 'nobody-has-this-secret' }]),
    asPeer(gate, 'Postern: expired token', [expired]),
    asPeer(gate, 'Postern: used-up token', [usedUp]),
  ]
  await get(gate.url + asPeer(gate, '', [usedUp]).pathOf(samplePath, 0))
  return peers.map((peer) => ({ ...peer, status: 403 }))
}

/** Its tokens are taken in turn; it goes with its gate. */
function asPeer(
  gate: Gate,
  name: string,
  tokens: readonly Pick<GateToken, 'token'>[],
  repository: string = REPOSITORY,
): Peer {
  return {
    name,
    origin: gate.url,
    pid: gate.pid,
    helpers: [],
    pathOf: (path, token) => `/${tokens[token % tokens.length]?.token}/${repository}/${path}`,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

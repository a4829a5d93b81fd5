import { startGate, type Gate, type GateToken } from '../../test/support/gate.ts'
import { startRedis } from '../../test/support/redis.ts'
import { get } from '../../test/support/requests.ts'
import type { Peer } from './peer.ts'

const REPOSITORY = 'acme/stable'
/** The same storage, small files of which are kept in memory. */
const CACHED = 'acme/cached'
/** More than any run can download. */
const FAR = 1_000_000_000
const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString()

/** The real server as a process of its own, with tokens of every kind that is measured. */
export interface Postern extends AsyncDisposable {
  readonly pid: number
  readonly unlimited: Peer
  readonly limited: Peer
  /** A limited token, small files answered from memory. */
  readonly cached: Peer
  readonly refusing: readonly Refusing[]
  /** Downloads charged so far to the limited token. */
  readonly countLimited: () => Promise<number>
}

interface Refusing extends Peer {
  readonly status: number
}

/** `samplePath` is some file of the storage. With `profileDirectory` a CPU profile is written there when the server ends. */
export async function startPostern(
  storage: Peer,
  samplePath: string,
  profileDirectory: string | undefined,
): Promise<Postern> {
  const gate = await startGate({
    config: {
      repositories: {
        [REPOSITORY]: { format: 'deb', upstream: `${storage.origin}/`, cache: false },
        [CACHED]: { format: 'deb', upstream: `${storage.origin}/` },
      },
      log: { access: false },
    },
    env:
      profileDirectory === undefined
        ? {}
        : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDirectory} --cpu-prof-interval=500` },
  })
  try {
    const limited = await gate.createToken(REPOSITORY, { limit_num_downloads: FAR })
    const cached = await gate.createToken(CACHED, { limit_num_downloads: FAR })
    return {
      pid: gate.pid,
      unlimited: asPeer(gate, 'Postern (no limit)', await gate.createToken(REPOSITORY)),
      limited: asPeer(gate, 'Postern (limited token)', limited),
      cached: asPeer(gate, 'Postern (limited token, cache)', cached, CACHED),
      refusing: await refusingPeers(gate, samplePath),
      countLimited: async () => (await gate.readToken(REPOSITORY, limited.slug_perm)).downloads,
      [Symbol.asyncDispose]: gate[Symbol.asyncDispose],
    }
  } catch (error) {
    await gate.stop()
    throw error
  }
}

/** The same server with its books in a Redis of its own, and a limited token. */
export async function startPosternOnRedis(storage: Peer): Promise<Peer & { readonly redisPid: number }> {
  const redis = await startRedis()
  try {
    const gate = await startGate({
      config: {
        store: `redis://127.0.0.1:${redis.port}`,
        secret_key: 'a key for the bench and for nothing else',
        repositories: { [REPOSITORY]: { format: 'deb', upstream: `${storage.origin}/`, cache: false } },
        log: { access: false },
      },
    })
    const peer = asPeer(
      gate,
      'Postern (limited token, Redis)',
      await gate.createToken(REPOSITORY, { limit_num_downloads: FAR }),
    )
    const stop = async (): Promise<void> => {
      await gate[Symbol.asyncDispose]()
      await redis[Symbol.asyncDispose]()
    }
    return { ...peer, redisPid: redis.pid(), [Symbol.asyncDispose]: stop }
  } catch (error) {
    await redis[Symbol.asyncDispose]()
    throw error
  }
}

async function refusingPeers(gate: Gate, samplePath: string): Promise<readonly Refusing[]> {
  const expired = await gate.createToken(REPOSITORY, { limit_date_range_to: YESTERDAY })
  const usedUp = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  const peers = [
    asPeer(gate, 'unknown token', { token: 'nobody-has-this-secret' }),
    asPeer(gate, 'expired token', expired),
    asPeer(gate, 'used-up token', usedUp),
  ]
  await get(gate.url + asPeer(gate, '', usedUp).pathOf(samplePath))
  return peers.map((peer) => ({ ...peer, status: 403 }))
}

function asPeer(
  gate: Gate,
  name: string,
  { token }: Pick<GateToken, 'token'>,
  repository: string = REPOSITORY,
): Peer {
  return {
    name,
    origin: gate.url,
    pid: gate.pid,
    pathOf: (path) => `/${token}/${repository}/${path}`,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

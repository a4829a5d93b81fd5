import { startGate, type Gate, type GateToken } from '../../test/support/gate.ts'
import { get } from '../../test/support/requests.ts'
import type { Peer } from './peer.ts'

const REPOSITORY = 'acme/stable'
/** More than any run can download. */
const FAR = 1_000_000_000
const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString()

/** The real server as a process of its own, with tokens of every kind that is measured. */
export interface Postern extends AsyncDisposable {
  readonly pid: number
  readonly unlimited: Peer
  readonly limited: Peer
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
      repositories: { [REPOSITORY]: { format: 'deb', upstream: `${storage.origin}/` } },
      log: { access: false },
    },
    env:
      profileDirectory === undefined
        ? {}
        : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDirectory} --cpu-prof-interval=500` },
  })
  try {
    const limited = await gate.createToken(REPOSITORY, { limit_num_downloads: FAR })
    return {
      pid: gate.pid,
      unlimited: asPeer(gate, 'Postern (no limit)', await gate.createToken(REPOSITORY)),
      limited: asPeer(gate, 'Postern (limited token)', limited),
      refusing: await refusingPeers(gate, samplePath),
      countLimited: async () => (await gate.readToken(REPOSITORY, limited.slug_perm)).downloads,
      [Symbol.asyncDispose]: gate[Symbol.asyncDispose],
    }
  } catch (error) {
    await gate.stop()
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

function asPeer(gate: Gate, name: string, { token }: Pick<GateToken, 'token'>): Peer {
  return {
    name,
    origin: gate.url,
    pid: gate.pid,
    pathOf: (path) => `/${token}/${REPOSITORY}/${path}`,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

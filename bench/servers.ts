import type { Filled, Servers, Workloads } from './cases.ts'
import { GROUPS } from './cases.ts'
import type { Options } from './options.ts'
import { startCaddy } from './peers/caddy.ts'
import { startLuaGate } from './peers/nginx-lua.ts'
import { startNginxCache, startNginxProxy, startStorage } from './peers/nginx.ts'
import { startHttpProxy, startHttpProxy3, startNaive, startReplyFrom } from './peers/node-peers.ts'
import { startOwnFiles } from './peers/own-files.ts'
import type { Peer } from './peers/peer.ts'
import { cpuProfiling, startPostern, startPosternOnRedis } from './peers/postern.ts'
import { filledName, startFilled, STORES } from './tokens/filled.ts'
import { temporaryDirectory } from '../test/support/processes.ts'
import { FLEET_TOKENS, writeFleet } from './workloads/fleet.ts'
import { withTokens, writeSizes } from './workloads/sizes.ts'

/** Tokens that come in turn where many are measured; each is warm as long as it comes again within some seconds. */
const IN_ROTATION = 10_000

/** The storage with its files, in a folder that goes with `started`. */
export async function startFiles(
  started: AsyncDisposableStack,
): Promise<{ readonly root: string; readonly storage: Peer; readonly workloads: Workloads }> {
  const directory = started.use(await temporaryDirectory('bench-files'))
  const storage = started.use(await startStorage(directory.path))
  const [small, middle, large] = await writeSizes(directory.path)
  const fleet = await writeFleet(directory.path, storage.origin)
  const manyTokens = withTokens(small, GROUPS.tokens, IN_ROTATION)
  return { root: directory.path, storage, workloads: { small, middle, large, fleet, manyTokens } }
}

/** All of them, each once; they go with `started`. */
export async function startServers(
  started: AsyncDisposableStack,
  { storage, root }: { readonly storage: Peer; readonly root: string },
  samplePath: string,
  { profile: profileDirectory }: Options,
): Promise<Servers> {
  const tokens = FLEET_TOKENS
  const posternOptions = { storage, tokens, samplePath, profileDirectory }
  return {
    storage,
    nginx: started.use(await startNginxProxy(storage)),
    nginxCache: started.use(await startNginxCache(storage)),
    lua: started.use(await startLuaGate(storage, tokens, { keepsFiles: false })),
    luaCache: started.use(await startLuaGate(storage, tokens, { keepsFiles: true })),
    caddy: started.use(await startCaddy(storage, tokens)),
    httpProxy: started.use(await startHttpProxy(storage)),
    httpProxy3: started.use(await startHttpProxy3(storage)),
    replyFrom: started.use(await startReplyFrom(storage)),
    naive: started.use(await startNaive(storage, tokens)),
    postern: started.use(await startPostern(posternOptions)),
    onRedis: started.use(await startPosternOnRedis(posternOptions)),
    ownFiles: await startOwnFiles(started, { ...posternOptions, root }),
  }
}

/** Servers over stores with many tokens, of those that are wanted. Filling takes a while, so stores are filled at the same time. */
export async function startManyTokens(
  started: AsyncDisposableStack,
  storage: Peer,
  { pace, isWanted, profile }: Options,
): Promise<readonly Filled[]> {
  const wanted = STORES.flatMap((kind) => pace.tokens.map((tokens) => ({ kind, tokens }))).filter(
    ({ kind, tokens }) => isWanted(GROUPS.tokens, filledName(kind, tokens)),
  )
  const starting = wanted.map(async ({ kind, tokens }) => ({
    tokens,
    peer: started.use(await startFilled(storage, kind, tokens, cpuProfiling(profile))),
  }))
  const outcomes = await Promise.allSettled(starting)
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}

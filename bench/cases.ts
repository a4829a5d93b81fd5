import { NAMES, type Peer, type Refusing } from './peers/peer.ts'
import type { LuaGate } from './peers/nginx-lua.ts'
import type { OwnFiles } from './peers/own-files.ts'
import type { Postern } from './peers/postern.ts'
import { refused, type Workload } from './workloads/workload.ts'

/** One row of a table: a server, and what is asked of it. */
export interface Case {
  /** The table it belongs to. */
  readonly group: string
  readonly peer: Peer
  readonly workload: Workload
}

export const GROUPS = {
  small: '1 KB',
  middle: '100 KB',
  large: '10 MB',
  fleet: 'Fleet mix',
  tokens: 'Many tokens',
  refusals: 'Refusals',
} as const

export interface Servers {
  readonly storage: Peer
  readonly nginx: Peer
  readonly nginxCache: Peer
  readonly lua: LuaGate
  readonly luaCache: LuaGate
  readonly caddy: Peer
  readonly httpProxy: Peer
  readonly httpProxy3: Peer
  readonly replyFrom: Peer
  readonly naive: Peer
  readonly postern: Postern
  readonly onRedis: Postern
  readonly ownFiles: OwnFiles
}

export interface Workloads {
  readonly small: Workload
  readonly middle: Workload
  readonly large: Workload
  readonly fleet: Workload
  /** 1 KB files, each request with another token than the one before. */
  readonly manyTokens: Workload
}

/** Servers whose store holds so many tokens. */
export interface Filled {
  readonly tokens: number
  readonly peer: Peer
}

/** Deliveries by size, the fleet, then 1 KB files with more and more tokens, then refusals. */
export function listCases(
  servers: Servers,
  workloads: Workloads,
  filled: readonly Filled[],
): readonly Case[] {
  const { storage, nginx, lua, naive, httpProxy3, caddy, postern, onRedis } = servers
  const caching = [servers.nginxCache, servers.luaCache, postern.cached, onRedis.cached]
  const unchecked = [storage, nginx, httpProxy3, servers.httpProxy, servers.replyFrom]
  const gates = [lua, caddy, naive, postern.unlimited, postern.limited, onRedis.limited]
  const own = Object.values(servers.ownFiles)
  // Large files are not kept in memory.
  const large = inOrder([...unchecked, ...gates, ...own])
  const small = inOrder([...unchecked, ...gates, ...caching, ...own])
  const fleet = inOrder([
    nginx,
    httpProxy3,
    lua,
    caddy,
    naive,
    postern.limited,
    onRedis.limited,
    ...caching.slice(1),
  ])
  const deliveries = [
    ...small.map((peer) => ({ group: GROUPS.small, peer, workload: workloads.small })),
    ...small.map((peer) => ({ group: GROUPS.middle, peer, workload: workloads.middle })),
    ...large.map((peer) => ({ group: GROUPS.large, peer, workload: workloads.large })),
    ...fleet.map((peer) => ({ group: GROUPS.fleet, peer, workload: workloads.fleet })),
  ]
  const tokens = filled.map(({ peer, tokens: count }) => ({
    group: GROUPS.tokens,
    peer: { ...peer, ...dealing(peer, count) },
    workload: workloads.manyTokens,
  }))
  return [...deliveries, ...tokens, ...refusalCases(servers, workloads.small)]
}

/** As the names are listed. */
function inOrder(peers: readonly Peer[]): readonly Peer[] {
  const order: readonly string[] = Object.values(NAMES)
  return peers.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
}

/** Requests with so many of its tokens. */
function dealing({ pathOf }: Peer, tokens: number): Pick<Peer, 'pathOf'> {
  return { pathOf: (path, token) => pathOf(path, token % tokens) }
}

function refusalCases({ postern, lua }: Servers, workload: Workload): readonly Case[] {
  const peers: readonly Refusing[] = [...postern.refusing, ...lua.refusing]
  return peers.map((peer) => ({
    group: GROUPS.refusals,
    peer,
    workload: refused(workload, peer.status),
  }))
}

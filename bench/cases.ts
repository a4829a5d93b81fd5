import type { FileSet } from './files.ts'
import type { Peer } from './peers/peer.ts'
import type { Postern } from './peers/postern.ts'

/** One row of a table: a server, and what is asked of it. */
export interface Case {
  /** The table it belongs to. */
  readonly group: string
  readonly peer: Peer
  readonly files: FileSet
  readonly status: number
}

export const REFUSALS = 'Refusals'

export interface Servers {
  readonly storage: Peer
  readonly nginx: Peer
  readonly httpProxy: Peer
  readonly naive: Peer
  readonly postern: Postern
  readonly onRedis: Peer
}

/** Deliveries by size, then refusals of 1 KB files. `only`: words, one of which is in the group or the name. */
export function listCases(
  { storage, nginx, httpProxy, naive, postern, onRedis }: Servers,
  fileSets: readonly FileSet[],
  only: readonly string[],
): readonly Case[] {
  const peers = [storage, nginx, httpProxy, naive, postern.unlimited, postern.limited, onRedis]
  // Large files are not kept in memory.
  const ofSize = (index: number): Peer[] => (index < 2 ? [...peers, postern.cached] : peers)
  const deliveries = fileSets.flatMap((files, index) =>
    ofSize(index).map((peer) => ({ group: files.name, peer, files, status: 200 })),
  )
  const refusals = fileSets
    .slice(0, 1)
    .flatMap((files) =>
      postern.refusing.map((peer) => ({ group: REFUSALS, peer, files, status: peer.status })),
    )
  const isWanted = ({ group, peer }: Case): boolean =>
    only.length === 0 || only.some((word) => `${group} ${peer.name}`.includes(word))
  return [...deliveries, ...refusals].filter(isWanted)
}

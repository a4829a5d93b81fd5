import { StoreError, type UsageStore } from '../../store/contract.ts'
import type { OffloadFigures } from '../../telemetry/offload-metrics.ts'
import type { Delivering } from '../charge-request.ts'

/** A request of a link to the storage, by the log of the storage. */
export interface LinkLine {
  /** The id of the link. */
  readonly link: string
  readonly status: number
  /** Of the body, as sent. */
  readonly bytes: number
}

/** A link that a client was given, and what it was charged: the whole file. */
export interface GivenLink {
  readonly delivering: Delivering
  /** Downloads: 0 or 1. */
  readonly charged: number
  /** Bytes of the file. */
  readonly size: number
  /** Epoch ms. */
  readonly at: number
}

/**
 * Links to the storage, from their making until its log has told what they were used for. One can be used more than once, and whoever has it can
 * ask for what does not come: so no line says that it is over. What was sent by a link is summed up, and corrects its charge once, when the time
 * in which lines come is over. A link of which no line tells keeps its charge.
 */
export interface Links {
  readonly begin: (id: string, link: GivenLink) => void
  /** False: it is not one of this process. */
  readonly note: (line: LinkLine) => boolean
  /** undefined: no log is read. */
  readonly figures: () => OffloadFigures | undefined
  readonly close: () => void
}

export interface LinksOptions {
  readonly usage: Pick<UsageStore, 'record'>
  /** Epoch ms. */
  readonly clock: () => number
  /** Logs are read. Else links keep their charge. */
  readonly readsLogs: boolean
  /** After that all lines about a link have come. */
  readonly settleWithinMs: number
  /** Told of downloads that were charged at `at` and are given back. */
  readonly onGivenBack: (delivering: Delivering, downloads: number, at: number) => void
  readonly onFailure: (error: unknown) => void
}

interface Used extends GivenLink {
  bytes: number
  isSeen: boolean
}

const SWEEP_MS = 5_000
const MOST_LINKS = 200_000

export function createLinks(options: LinksOptions): Links {
  const { clock, readsLogs, settleWithinMs, onFailure } = options
  // In the order in which they were given.
  const links = new Map<string, Used>()
  const ended = { settled: 0, givenUp: 0 }
  const sweep = (): void => {
    const before = clock() - settleWithinMs
    for (const [id, link] of links) {
      if (link.at > before && links.size <= MOST_LINKS) return
      links.delete(id)
      ended[link.isSeen ? 'settled' : 'givenUp'] += 1
      if (link.isSeen) settle(options, id, link).catch(onFailure)
    }
  }
  const timer = readsLogs ? setInterval(sweep, Math.min(SWEEP_MS, settleWithinMs)).unref() : undefined
  return {
    begin: (id, link) => {
      if (readsLogs) links.set(id, { ...link, bytes: 0, isSeen: false })
    },
    note: ({ link: id, status, bytes }) => {
      const link = links.get(id)
      if (link === undefined) return false
      if (status === 200 || status === 206) link.bytes += bytes
      link.isSeen ||= isEvidence(status)
      return true
    },
    figures: () => (readsLogs ? { way: 'link', pending: links.size, ...ended } : undefined),
    close: () => clearInterval(timer),
  }
}

/** A client can have its own link refused by changing it; that says nothing. */
function isEvidence(status: number): boolean {
  return status === 200 || status === 206 || status === 404 || status >= 500
}

/**
 * What a link was used for beyond or below the one copy that was charged. Copies are counted as everywhere: twice the size of a file is one
 * download.
 */
async function settle({ usage, onGivenBack }: LinksOptions, id: string, link: Used): Promise<void> {
  const { delivering, charged, size, at, bytes } = link
  const { token, client, kind } = delivering
  const copies = kind === 'download' ? Math.ceil(bytes / (2 * size)) : 0
  const downloads = copies === 0 ? -charged : copies - 1
  if (downloads === 0 && bytes === size) return
  const delta = {
    token: token.record.slugPerm,
    downloads,
    bytes: bytes - size,
    clients: new Map(downloads === 0 ? [] : [[client, downloads]]),
    lastUsedAt: at,
    periodStart: token.periodStart(at),
  }
  await usage.record([delta], { id: `link-${id}`, at }).catch((error: unknown) => {
    // So old that nobody knows whether it was counted: it keeps its charge.
    if (!(error instanceof StoreError && error.code === 'expired')) throw error
  })
  if (downloads < 0) onGivenBack(delivering, -downloads, at)
}

import { StoreError, type UsageStore } from '../../store/contract.ts'
import type { Observation, Outcome } from '../../telemetry/observation.ts'
import type { OffloadFigures } from '../../telemetry/offload-metrics.ts'
import type { Account } from '../accounts.ts'
import type { Judgement } from '../authorize.ts'
import type { Delivering } from '../charge-request.ts'
import { observationOf } from '../observation.ts'
import type { Routes } from '../routes.ts'
import type { DeliveryIds, HandedOver } from './delivery-id.ts'
import { frontEnd, isPart, wholeOf, type FrontLine } from './front-line.ts'
import type { GivenLink, LinkLine, Links } from './links.ts'
import { createSeen } from './seen.ts'

/** A delivery that was judged and charged, and that another server is to make. */
interface Handing {
  readonly judgement: Judgement
  /** undefined: it is nobody's. */
  readonly delivering: Delivering | undefined
  readonly account: Account
  readonly extent: HandedOver['extent']
  readonly method: string
  readonly userAgent: string | undefined
  /** Epoch ms. */
  readonly at: number
  readonly upstreamMs: number | null
}

/** Deliveries that other servers make, from the decision to the line of a log that tells how they ended. */
export interface Offloads {
  /** The id by which the front's log has to name it; undefined: no log tells, and it was taken for delivered whole. */
  readonly begin: (handing: Handing) => string | undefined
  /** The front never heard of it. */
  readonly cancel: (id: string) => void
  /** Remembers a link that a client was given. */
  readonly beginLink: (id: string, link: GivenLink) => void
  /** Settles those that this process handed over; resolves, when that is written, to the others. */
  readonly settleOwn: (lines: readonly LogLine[]) => Promise<readonly LogLine[]>
  /**
   * Settles those of processes that are gone. A line that comes twice changes nothing, nor does one with an id that was not written here.
   * Rejects with a StoreError: the lines are to come again.
   */
  readonly settleStrays: (lines: readonly LogLine[]) => Promise<void>
  /** Of the ways of which logs are read. */
  readonly figures: () => readonly OffloadFigures[]
  readonly close: () => void
}

/** What logs of others tell: how a proxy ended a delivery, or that a link was used. */
export type LogLine = FrontLine | LinkLine

export interface OffloadsOptions {
  readonly links: Links
  readonly ids: DeliveryIds
  readonly usage: Pick<UsageStore, 'settle' | 'record'>
  readonly routes: () => Routes
  /** Unlike that of any other process. */
  readonly maker: string
  /** Epoch ms. */
  readonly clock: () => number
  /** Logs are read. Else what is handed over is taken for delivered. */
  readonly settlesByLog: boolean
  /** A delivery of which no line came for so long is taken for delivered whole. */
  readonly settleWithinMs: number
  readonly observe: (observation: Observation) => void
  /** Told how many deliveries were given up: no line came. */
  readonly onGivenUp: (count: number) => void
  /** Told of what the front sent beyond what was decided: it does not do as it was told. */
  readonly onBeyond: (repository: string | null, bytes: number) => void
}

interface Pending {
  readonly handing: Handing
  readonly handed: HandedOver
}

const SWEEP_MS = 5_000
/** Some hundred megabytes; of more than these, those that wait longest are given up. */
const MOST_PENDING = 200_000
/** Ids that are known to be settled, so that their lines are not observed twice. */
const MOST_SEEN = 100_000

export function createOffloads(options: OffloadsOptions): Offloads {
  const { ids, clock, settlesByLog, settleWithinMs, observe } = options
  // In the order in which they began.
  const pending = new Map<string, Pending>()
  const seen = createSeen(MOST_SEEN)
  const ended = { settled: 0, givenUp: 0 }
  let count = 0

  const take = (id: string): Pending | undefined => {
    const known = pending.get(id)
    if (known !== undefined) seen.add(id)
    pending.delete(id)
    return known
  }
  const end = async ({ handing, handed }: Pending, line: FrontLine): Promise<void> => {
    const { sent, beyond, outcome } = frontEnd(handed, line)
    if (!line.isByGate)
      observe(observationAt(handing, { status: line.status, outcome, bytes: sent }, clock()))
    await handing.account.settle(sent)
    await chargeBeyond(options, handed, line, beyond)
  }
  const giveUp = (id: string, { handing, handed }: Pending): void => {
    take(id)
    const bytes = wholeOf(handed)
    observe(observationAt(handing, { status: 200, outcome: 'delivered', bytes }, clock()))
    void handing.account.settle(bytes)
  }
  const sweep = (): void => {
    const before = clock() - settleWithinMs
    const size = pending.size
    for (const [id, each] of pending) {
      if (each.handing.at > before && pending.size <= MOST_PENDING) break
      giveUp(id, each)
    }
    if (pending.size === size) return
    ended.givenUp += size - pending.size
    options.onGivenUp(size - pending.size)
  }
  const sweepMs = Math.min(SWEEP_MS, settleWithinMs)
  const timer = settlesByLog ? setInterval(sweep, sweepMs).unref() : undefined
  return {
    begin: (handing) => {
      const handed = describe(handing, `${options.maker}-${++count}`)
      if (!settlesByLog) {
        void handing.account.settle(wholeOf(handed))
        return undefined
      }
      const id = ids.write(handed)
      pending.set(id, { handing, handed })
      return id
    },
    cancel: (id) => {
      void take(id)?.handing.account.settle(0)
    },
    beginLink: options.links.begin,
    settleOwn: async (lines) => {
      const others: LogLine[] = []
      const ends: Promise<void>[] = []
      for (const line of lines) {
        if ('link' in line) {
          if (!options.links.note(line)) others.push(line)
          continue
        }
        const own = take(line.id)
        if (own !== undefined) ends.push(end(own, line))
        else if (!seen.has(line.id)) others.push(line)
      }
      ended.settled += ends.length
      await Promise.all(ends)
      return others
    },
    settleStrays: async (lines) => {
      // A link that nobody remembers keeps its charge.
      const settle = async (line: LogLine): Promise<void> => {
        if (!('link' in line) && (await settleStray(options, seen, line))) ended.settled += 1
      }
      await Promise.all(lines.map(settle))
    },
    figures: () => {
      const proxy = { way: 'proxy', pending: pending.size, ...ended } as const
      return [settlesByLog ? proxy : undefined, options.links.figures()].filter((each) => each !== undefined)
    },
    close: () => {
      clearInterval(timer)
      options.links.close()
    },
  }
}

function describe(handing: Handing, nonce: string): HandedOver {
  const { judgement, delivering, account, extent, method, at } = handing
  const { target, token, artifact, client } = judgement
  const { reservation } = account
  return {
    nonce,
    at,
    method,
    client,
    entrance: target?.entrance ?? null,
    repository: target === undefined ? null : `${target.owner}/${target.repo}`,
    token: token === undefined ? null : nameOf(token.record),
    charged: account.charged,
    path: artifact?.path ?? '',
    extent: delivering?.kind === 'bodiless' ? { start: 0, end: 0, size: 0 } : extent,
    isDownload: delivering?.kind === 'download',
    reservation: reservation && settleableOf(reservation),
    periodStart: token?.periodStart(at) ?? null,
  }
}

function nameOf({
  slugPerm,
  name,
  owner,
  repo,
}: NonNullable<Judgement['token']>['record']): HandedOver['token'] {
  return { slugPerm, name, owner, repo }
}

function settleableOf({
  id,
  token,
  client,
  artifact,
  epoch,
  reservedBytes,
}: NonNullable<Account['reservation']>): HandedOver['reservation'] {
  return { id, token, client, artifact, epoch, reservedBytes }
}

interface Ended {
  readonly status: number
  readonly outcome: Outcome
  readonly bytes: number
}

function observationAt(
  { judgement, account, method, userAgent, at, upstreamMs }: Handing,
  ended: Ended,
  now: number,
): Observation {
  const headers = userAgent === undefined ? {} : { 'user-agent': userAgent }
  const result = { ...ended, charged: account.charged, upstreamMs }
  return observationOf({ method, headers }, judgement, result, at, Math.max(0, now - at))
}

/** One whose maker is gone: all that is known of it stands in its id. False: it is settled already, or none of ours. */
async function settleStray(
  options: OffloadsOptions,
  seen: ReturnType<typeof createSeen>,
  line: FrontLine,
): Promise<boolean> {
  const { ids, usage, clock, observe } = options
  const handed = seen.has(line.id) ? undefined : ids.read(line.id)
  if (handed === undefined) return false
  const { sent, beyond, outcome } = frontEnd(handed, line)
  const now = clock()
  const back = handed.reservation && (await usage.settle(handed.reservation, sent, now))
  await chargeBeyond(options, handed, line, beyond)
  seen.add(line.id)
  if (line.isByGate) return true
  const { at, method, client, entrance, token, path } = handed
  const served = options.routes().repositories.get(handed.repository ?? '')
  observe({
    at,
    method,
    status: line.status,
    outcome,
    durationMs: Math.max(0, now - at),
    upstreamMs: null,
    bytes: sent,
    charged: Math.max(0, handed.charged - (back ?? 0)),
    client,
    userAgent: line.userAgent,
    entrance,
    repository: served === undefined ? null : handed.repository,
    artifact: served?.recognize(path) ?? null,
    token,
  })
  return true
}

/**
 * A front that sends more than was decided (it compresses, or sends the whole where a part was asked for) is charged for it all the same, once,
 * although nobody can refuse it any more.
 */
async function chargeBeyond(
  { usage, onBeyond }: OffloadsOptions,
  { nonce, at, token, charged, client, extent, isDownload, periodStart, repository }: HandedOver,
  { status }: FrontLine,
  beyond: number,
): Promise<void> {
  if (beyond === 0) return
  onBeyond(repository, beyond)
  if (token === null) return
  const isCopy = isDownload && isPart(extent) && status === 200
  const downloads = isCopy && charged === 0 ? 1 : 0
  const clients = new Map(downloads === 0 ? [] : [[client, downloads]])
  const delta = { token: token.slugPerm, downloads, bytes: beyond, clients, lastUsedAt: at, periodStart }
  await usage.record([delta], { id: `front-${nonce}`, at }).catch(passOverExpired)
}

/** A line that is weeks old: nobody knows whether it came before. */
function passOverExpired(error: unknown): void {
  if (!(error instanceof StoreError && error.code === 'expired')) throw error
}

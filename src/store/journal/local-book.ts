import type { Ledger } from '../../policy/ledger.ts'
import type { DeliveryRequest, Exhausted, Reservation, UsageDelta } from '../contract.ts'
import { reservationId } from '../sqlite/reservation-id.ts'
import { reserve } from '../sqlite/reserve.ts'
import { settle } from '../sqlite/settle.ts'
import { UNUSED, type StoredUsage, type UsageRows } from '../sqlite/usage-rows.ts'
import type { Seed } from './known-counters.ts'

/**
 * The usage of one token while the store is away, as this process sees it: in memory, by the rules and the arithmetic of the SQLite store. It
 * begins with the downloads and bytes that the store told last, and without clients, rate and deliveries under way, which are not known.
 */
export interface LocalBook {
  readonly reserve: (
    request: DeliveryRequest,
  ) => Exhausted | { readonly answer: LocalReservation; readonly delta: UsageDelta }
  /** What the end of a delivery changes. Further calls change nothing. */
  readonly settle: (answer: LocalReservation, sentBytes: number, now: number) => UsageDelta
  readonly seed: () => Seed
}

/** A delivery that was granted without the store. Its counters are what this process knows of them. */
export interface LocalReservation extends Reservation {
  readonly book: LocalBook
  /** The moment when it began. */
  readonly when: Pick<UsageDelta, 'lastUsedAt' | 'periodStart'>
}

/** Deliveries of one artifact to one client that are remembered; of more, those longest unused are forgotten and cost another download. */
const MOST_LEDGERS = 10_000
const LOCAL = 'local'

export function createLocalBook(known: Seed | undefined): LocalBook {
  const { rows, usage } = createMemoryRows({ ...UNUSED, ...known })
  let count = 0
  const processes = { nextId: () => reservationId(LOCAL, ++count), isAlive: always, isRunning: always }
  const ended = new WeakSet<LocalReservation>()
  const book: LocalBook = {
    reserve: (request) => {
      const answer = reserve({ rows, processes }, request)
      if (!answer.granted) return answer
      const { token, now, periodStart = null } = request
      const when = { lastUsedAt: now, periodStart }
      const { charged, reservedBytes, client } = answer
      const delta = { ...when, token, ...countsOf(charged, reservedBytes, client) }
      return { answer: { ...answer, book, when }, delta }
    },
    settle: (answer, sentBytes, now) => {
      const { token, client, when, isSettled } = answer
      // What was settled as it was charged was sent, or not at all.
      const isOver = ended.has(answer) || (isSettled === true && sentBytes > 0)
      if (isOver) return { ...when, token, ...countsOf(0, 0, client) }
      ended.add(answer)
      const before = usage()
      settle(rows, answer, sentBytes, now)
      const after = usage()
      // Of the moment when it began: when its counting period is over by now, the store passes it over.
      return {
        ...when,
        token,
        ...countsOf(after.downloads - before.downloads, after.bytes - before.bytes, client),
      }
    },
    seed: () => usage(),
  }
  return book
}

/** True when it says nothing. */
export function isIdle({ downloads, bytes, clients }: UsageDelta): boolean {
  return downloads === 0 && bytes === 0 && clients.size === 0
}

const always = (): boolean => true

/** What a delta says of the downloads and bytes of one client. */
export function countsOf(
  downloads: number,
  bytes: number,
  client: string,
): Pick<UsageDelta, 'downloads' | 'bytes' | 'clients'> {
  return { downloads, bytes, clients: new Map(downloads === 0 ? [] : [[client, downloads]]) }
}

interface Client {
  downloads: number
  lastAt: number
  isCounted: boolean
}

/** The tables of the SQLite store for one token, of which only its current epoch is kept. */
function createMemoryRows(first: StoredUsage): {
  readonly rows: UsageRows
  readonly usage: () => StoredUsage
} {
  let usage = first
  const clients = new Map<string, Client>()
  const ledgers = new Map<string, { readonly epoch: number; readonly ledger: Ledger }>()
  const underway = new Map<string, boolean>()
  const unseen = (last: number): Client[] =>
    [...clients.values()].filter(({ isCounted, lastAt }) => isCounted && lastAt <= last)
  const nameOf = (client: string, artifact: string): string => `${client} ${artifact}`
  const rows: UsageRows = {
    usage: () => usage,
    saveUsage: (_token, before, after) => {
      if (before.epoch !== after.epoch) clients.clear()
      usage = after
    },
    ledger: (_token, client, artifact, epoch) => {
      const kept = ledgers.get(nameOf(client, artifact))
      return kept?.epoch === epoch ? kept.ledger : undefined
    },
    saveLedger: (_token, client, artifact, epoch, ledger) => {
      const name = nameOf(client, artifact)
      ledgers.delete(name)
      ledgers.set(name, { epoch, ledger })
      if (ledgers.size > MOST_LEDGERS) ledgers.delete(ledgers.keys().next().value ?? name)
    },
    deleteLedger: (_token, client, artifact) => void ledgers.delete(nameOf(client, artifact)),
    client: (_token, _epoch, client) => clients.get(client),
    seeClient: (_token, _epoch, name, downloads, now) => {
      const client = clients.get(name) ?? { downloads: 0, lastAt: now, isCounted: true }
      clients.set(name, {
        downloads: client.downloads + downloads,
        lastAt: Math.max(client.lastAt, now),
        isCounted: true,
      })
    },
    subtractClient: (_token, _epoch, name, downloads) => {
      const client = clients.get(name)
      if (client === undefined) return false
      client.downloads -= downloads
      if (client.downloads > 0) return false
      clients.delete(name)
      return client.isCounted
    },
    countUnseen: (_token, _epoch, last) => unseen(last).length,
    forgetUnseen: (_token, _epoch, last) => {
      for (const client of unseen(last)) client.isCounted = false
    },
    addUnderway: (_token, reservation, holdsPlace) => void underway.set(reservation, holdsPlace),
    takeUnderway: (_token, reservation) => {
      const holdsPlace = underway.get(reservation)
      underway.delete(reservation)
      return holdsPlace === undefined ? undefined : { holdsPlace }
    },
    placesHeld: () => {
      const places = [...underway.values()].filter(Boolean).length
      return [{ process: LOCAL, places }]
    },
  }
  return { rows, usage: () => usage }
}

import {
  isUnavailable,
  type DeliveryRequest,
  type Exhausted,
  type Reservation,
  type Settleable,
  type Unanswered,
  type UsageDelta,
  type UsageStore,
} from '../contract.ts'
import type { StoreHealth } from '../health.ts'
import type { Entry } from './entry.ts'
import type { Journal } from './journal.ts'
import type { KnownCounters } from './known-counters.ts'
import { countsOf, createLocalBook, isIdle, type LocalBook, type LocalReservation } from './local-book.ts'

/** Usage that goes on without the store: on disk, and later into it. */
export interface StandIn extends Pick<UsageStore, 'record'> {
  /**
   * As the store's, while that answers. While it does not, the limits are kept by this process alone (local-book.ts), and a charge is in the
   * journal before this resolves. Rejects with a StoreError when the journal takes nothing either.
   */
  readonly reserve: (request: DeliveryRequest) => Promise<Reservation | LocalReservation | Exhausted>
  /** Resolves when the store or the journal has it, with the downloads that were given back, as far as that is known by then. */
  readonly settle: (
    reservation: Reservation | LocalReservation,
    sentBytes: number,
    now: number,
  ) => Promise<number>
  /** Adds to the counters of the store, at once or later. Rejects when neither store nor journal has it. */
  readonly record: (deltas: readonly UsageDelta[]) => Promise<void>
  /** The store has been told what it missed: what was counted here is counted there. */
  readonly endOutage: () => void
}

export interface StandInOptions {
  readonly usage: Pick<UsageStore, 'reserve' | 'settle' | 'record'>
  readonly journal: Pick<Journal, 'append' | 'waiting'>
  readonly health: Pick<StoreHealth, 'state' | 'suspect'>
  readonly known: KnownCounters
  /** Milliseconds that only grow. */
  readonly monotonic: () => number
  /** Where traffic waits in memory that neither store nor journal took. */
  readonly keep: (delta: UsageDelta) => void
  /** Is told of each delivery that was granted without the store. */
  readonly onDelivery: (request: DeliveryRequest) => void
}

/** A token whose call failed while the store as a whole answers is not asked about again for so long: each question may take its deadline. */
const TROUBLED_MS = 1_000
const MOST_TROUBLED = 10_000

export function createStandIn(options: StandInOptions): StandIn {
  const { usage, journal, health, known, monotonic, keep, onDelivery } = options
  const books = new Map<string, LocalBook>()
  const troubled = new Map<string, number>()
  const attempted = new WeakSet<Reservation>()

  const isAway = (token: string): boolean => health.state() !== 'up' || isTroubled(token)
  const isTroubled = (token: string): boolean => {
    const until = troubled.get(token)
    if (until === undefined) return false
    if (monotonic() < until) return true
    troubled.delete(token)
    return false
  }
  const noteFailure = (token: string): void => {
    health.suspect()
    if (troubled.size >= MOST_TROUBLED) troubled.clear()
    troubled.set(token, monotonic() + TROUBLED_MS)
  }
  const bookOf = (token: string): LocalBook => {
    const open = books.get(token)
    if (open !== undefined) return open
    const book = createLocalBook(known.get(token))
    books.set(token, book)
    return book
  }
  const reserveHere = async (
    request: DeliveryRequest,
    unanswered?: Unanswered,
  ): Promise<LocalReservation | Exhausted> => {
    const book = bookOf(request.token)
    const found = book.reserve(request)
    // The store gives back what it charged without a word, unless this process dies before: then the journal does.
    const giveBack = unanswered === undefined ? [] : [endOf(unanswered, request.now)]
    if ('granted' in found) {
      await journal.append(giveBack, 'rest').catch(() => undefined)
      return found
    }
    const { answer, delta } = found
    try {
      await journal.append([...usageEntries([delta]), ...giveBack], 'charge')
    } catch (error) {
      book.settle(answer, 0, request.now)
      throw error
    }
    onDelivery(request)
    return answer
  }
  const settleHere = async (answer: LocalReservation, sentBytes: number, now: number): Promise<number> => {
    const delta = answer.book.settle(answer, sentBytes, now)
    await putBehind(delta)
    return Math.max(0, -delta.downloads)
  }
  const putBehind = async (delta: UsageDelta): Promise<void> => {
    if (isIdle(delta)) return
    // In the order in which it came: a refund must not overtake its charge.
    if (isJournaling()) await journal.append(usageEntries([delta]), 'rest').catch(() => keep(delta))
    else keep(delta)
  }
  /** Nobody could tell a second time from the first: it goes to the store or to the journal, never to both. */
  const takeBack = async (reservation: Reservation, sentBytes: number, now: number): Promise<number> => {
    if (sentBytes > 0) return 0
    if (isAway(reservation.token) && !attempted.has(reservation)) {
      await putBehind(backOf(reservation, now, known.get(reservation.token)?.resetAt ?? null))
      return reservation.charged
    }
    attempted.add(reservation)
    return usage.settle(reservation, sentBytes, now)
  }
  const isJournaling = (): boolean => health.state() !== 'up' || journal.waiting().entries > 0

  return {
    reserve: async (request) => {
      if (isAway(request.token)) return reserveHere(request)
      try {
        const answer = await usage.reserve(request)
        known.note(request, answer)
        if (books.size > 0) books.delete(request.token)
        return answer
      } catch (error) {
        if (!isUnavailable(error)) throw error
        noteFailure(request.token)
        return reserveHere(request, error.unanswered)
      }
    },
    settle: async (reservation, sentBytes, now) => {
      if ('book' in reservation) return settleHere(reservation, sentBytes, now)
      if (reservation.isSettled === true) return takeBack(reservation, sentBytes, now)
      if (!isAway(reservation.token)) {
        try {
          return await usage.settle(reservation, sentBytes, now)
        } catch (error) {
          if (!isUnavailable(error)) throw error
          noteFailure(reservation.token)
        }
      }
      await journal.append(
        [{ kind: 'end', reservation: settleableOf(reservation), sentBytes, at: now }],
        'rest',
      )
      return 0
    },
    record: async (deltas) => {
      if (!isJournaling()) {
        try {
          return await usage.record(deltas)
        } catch (error) {
          if (!isUnavailable(error)) throw error
          health.suspect()
        }
      }
      await journal.append(usageEntries(deltas), 'rest')
    },
    endOutage: () => {
      for (const [token, book] of books) known.set(token, book.seed())
      books.clear()
    },
  }
}

function usageEntries(deltas: readonly UsageDelta[]): Entry[] {
  return deltas.filter((delta) => !isIdle(delta)).map((delta) => ({ kind: 'usage', delta }))
}

/** All of a delivery that was settled as it was charged. */
function backOf(
  { token, client, charged, reservedBytes }: Reservation,
  now: number,
  periodStart: number | null,
): UsageDelta {
  return { token, lastUsedAt: now, periodStart, ...countsOf(-charged, -reservedBytes, client) }
}

function endOf(unanswered: Unanswered, at: number): Entry {
  return { kind: 'end', reservation: { ...unanswered, epoch: 0, reservedBytes: 0 }, sentBytes: 0, at }
}

function settleableOf({ id, token, client, artifact, epoch, reservedBytes }: Reservation): Settleable {
  return { id, token, client, artifact, epoch, reservedBytes }
}

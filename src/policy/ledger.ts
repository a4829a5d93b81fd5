import { addInterval, coversWhole, type Intervals } from './intervals.ts'

/**
 * Which deliveries of one artifact to one client are one download. Pure arithmetic over a small record that a store keeps per
 * token, client and artifact; the store applies it inside its atomic step and the counters follow from what it answers.
 *
 * A download, once charged, covers every delivery of the artifact to the client for an hour, until the file was sent once in
 * full or twice its size has gone out. Bytes under way count as if they will arrive: two whole copies at once are two
 * downloads, and when one of them is cut, what it was charged is given back, because restarting after a cut is free. So no
 * number of parallel requests gets more than was paid for, and no unlucky client pays twice.
 */
export interface Ledger {
  /** When the current download was charged; meaningless while `charges` is 0 and nothing is under way. */
  readonly openedAt: number
  /** Bytes of the file; null when the upstream does not tell. Another size is another file. */
  readonly size: number | null
  /** Downloads charged and not yet used up by a whole copy. */
  readonly charges: number
  /** Bytes sent on these charges. Below zero: a finished copy left that much of its allowance to deliveries beside it. */
  readonly sent: number
  /** What cut and ranged deliveries have sent of the file, towards a whole copy. */
  readonly covered: Intervals
  readonly underway: readonly Underway[]
  /** UTC day number of `probeBytes`. */
  readonly probeDay: number
  readonly probeBytes: number
}

/** A delivery that was granted and has not been settled. Its bytes are offsets in the whole file. */
export interface Underway {
  readonly id: string
  readonly start: number
  readonly end: number
  readonly whole: boolean
  readonly probe: boolean
}

/** A delivery asking to be covered. */
export interface Delivery {
  readonly id: string
  readonly size: number | null
  readonly start: number
  readonly end: number
  readonly now: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** A client may send for so many bytes a day without a charge: resolvers read the tail of an archive. */
const PROBE_BYTES = 128 * 1024
const PROBE_SHARE = 8

const NOTHING: Ledger = {
  openedAt: 0,
  size: null,
  charges: 0,
  sent: 0,
  covered: [],
  underway: [],
  probeDay: 0,
  probeBytes: 0,
}

/**
 * The record after admitting `delivery`, and how many downloads (0 or 1) that costs. The caller keeps the record only if the
 * cost fits the limits. `isAlive` tells whether the process that made a reservation still runs: a dead one's deliveries have
 * ended somewhere, and no longer stand in the way.
 */
export function admit(
  ledger: Ledger | undefined,
  delivery: Delivery,
  isAlive: (reservation: string) => boolean,
): { readonly ledger: Ledger; readonly cost: 0 | 1; readonly probe: boolean } {
  const open = current(ledger ?? NOTHING, delivery, isAlive)
  const entry = underwayOf(delivery)
  if (open.charges === 0 && fitsProbe(open, delivery, entry.whole)) {
    const probeBytes = open.probeBytes + entry.end - entry.start
    return { ledger: add({ ...open, probeBytes }, { ...entry, probe: true }), cost: 0, probe: true }
  }
  if (open.charges === 0) return { ledger: opened(open, entry, delivery.now), cost: 1, probe: false }
  const joined = add(open, entry)
  const cost = due(joined) > open.charges ? 1 : 0
  return { ledger: { ...joined, charges: open.charges + cost }, cost, probe: false }
}

/**
 * The record after the delivery `id` ended with `sent` body bytes, and how many downloads are to be given back. A delivery
 * that is not under way (settled before, or its record was replaced) changes nothing.
 */
export function conclude(
  ledger: Ledger,
  id: string,
  sent: number,
): { readonly ledger: Ledger; readonly refund: number } {
  const entry = ledger.underway.find((each) => each.id === id)
  if (entry === undefined) return { ledger, refund: 0 }
  const rest = { ...ledger, underway: ledger.underway.filter((each) => each !== entry) }
  if (entry.probe) return { ledger: withoutUnsentProbe(rest, entry, sent), refund: 0 }
  const counted = entry.whole ? countWhole(rest, entry, sent) : countPart(rest, entry, sent)
  const refund = Math.max(0, counted.charges - due(counted))
  const settled = { ...counted, charges: counted.charges - refund }
  const spent = settled.charges === 0 && settled.underway.every((each) => each.probe)
  return { ledger: spent ? { ...settled, sent: 0, covered: [] } : settled, refund }
}

/** True when the record says nothing that a later delivery would need. `now` in epoch ms. */
export function isSpent(ledger: Ledger, now: number): boolean {
  const forgotten = ledger.charges === 0 || now >= ledger.openedAt + HOUR_MS
  const probed = ledger.probeBytes > 0 && ledger.probeDay === dayOf(now)
  return forgotten && !probed && ledger.underway.length === 0
}

/** The record as it counts now: without what is over, what belongs to another file, and what died. */
function current(ledger: Ledger, delivery: Delivery, isAlive: (id: string) => boolean): Ledger {
  const today = dayOf(delivery.now)
  const probes = ledger.probeDay === today ? ledger.probeBytes : 0
  const base = { ...ledger, probeDay: today, probeBytes: probes }
  const idle = ledger.charges === 0 && ledger.underway.length === 0
  const over = ledger.charges > 0 && delivery.now >= ledger.openedAt + HOUR_MS
  if (idle || over || ledger.size !== delivery.size) {
    return { ...NOTHING, size: delivery.size, probeDay: today, probeBytes: probes }
  }
  return { ...base, underway: ledger.underway.filter((each) => isAlive(each.id)) }
}

function underwayOf({ id, size, start, end }: Delivery): Underway {
  const whole = size === null || (start <= 0 && end >= size)
  return { id, start, end, whole, probe: false }
}

function opened(ledger: Ledger, entry: Underway, now: number): Ledger {
  return add({ ...ledger, openedAt: now, charges: 1, sent: 0, covered: [] }, entry)
}

function add(ledger: Ledger, entry: Underway): Ledger {
  return { ...ledger, underway: [...ledger.underway, entry] }
}

function fitsProbe(ledger: Ledger, { size, start, end }: Delivery, whole: boolean): boolean {
  if (whole || size === null) return false
  return ledger.probeBytes + end - start <= Math.min(PROBE_BYTES, Math.floor(size / PROBE_SHARE))
}

/** Downloads that the record must have paid for, if everything under way arrives. */
function due(ledger: Ledger): number {
  const paid = ledger.underway.filter((each) => !each.probe)
  const parts = paid.filter((each) => !each.whole)
  const copies = paid.length - parts.length + (completes(ledger, parts) ? 1 : 0)
  const bytes = ledger.sent + paid.reduce((sum, each) => sum + each.end - each.start, 0)
  const byBytes = ledger.size ? Math.ceil(bytes / (2 * ledger.size)) : 0
  return Math.max(copies, byBytes, paid.length > 0 ? 1 : 0)
}

/** True when the ranges sent and under way add up to the whole file. */
function completes(ledger: Ledger, parts: readonly Underway[]): boolean {
  if (ledger.size === null || parts.length === 0) return false
  const all = parts.reduce((sum, each) => addInterval(sum, each.start, each.end), ledger.covered)
  return coversWhole(all, ledger.size)
}

/** Without a known size nothing can be resumed: whatever was sent is a copy. */
function countWhole(ledger: Ledger, entry: Underway, sent: number): Ledger {
  const isCopy = ledger.size === null ? sent > 0 : sent >= ledger.size
  return isCopy ? finishCopy({ ...ledger, sent: ledger.sent + sent }) : countPart(ledger, entry, sent)
}

function countPart(ledger: Ledger, entry: Underway, sent: number): Ledger {
  const covered = addInterval(ledger.covered, entry.start, entry.start + sent)
  const counted = { ...ledger, sent: ledger.sent + sent, covered }
  return ledger.size !== null && coversWhole(covered, ledger.size)
    ? finishCopy({ ...counted, covered: [] })
    : counted
}

/** One whole copy went out: its download is used up, and what it did not need of twice the size helps the ones beside it. */
function finishCopy(ledger: Ledger): Ledger {
  const sent = ledger.size === null ? 0 : ledger.sent - 2 * ledger.size
  return { ...ledger, charges: Math.max(0, ledger.charges - 1), sent }
}

function withoutUnsentProbe(ledger: Ledger, entry: Underway, sent: number): Ledger {
  return { ...ledger, probeBytes: Math.max(0, ledger.probeBytes - (entry.end - entry.start - sent)) }
}

function dayOf(now: number): number {
  return Math.floor(now / DAY_MS)
}

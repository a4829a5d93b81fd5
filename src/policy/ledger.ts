import { addInterval, coversWhole, type Intervals } from './intervals.ts'

/**
 * Which deliveries of one artifact to one client are one download. Pure arithmetic over a small record that a store keeps per
 * token, client and artifact; the store applies it inside its atomic step and the counters follow from what it answers.
 *
 * A download, once charged, covers every delivery of the artifact to the client for an hour, until the file was sent once in
 * full or twice its size has gone out; the next delivery opens the next download. What is under way counts as if it will
 * arrive: two whole copies at once are two downloads, and when one of them is cut, what it was charged is given back, because
 * restarting after a cut is free. So no number of parallel requests gets more than was paid for, and no unlucky client pays
 * twice.
 */
export interface Ledger {
  /** When the newest download was charged; meaningless while `charges` is 0 and nothing is under way. */
  readonly openedAt: number
  /** Bytes of the file; null when the upstream does not tell. Another size is another file. */
  readonly size: number | null
  /** Downloads charged and not yet used up. */
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
interface Underway {
  readonly id: string
  readonly start: number
  readonly end: number
  /** `late`: what it was charged to is over (its hour, its day, its file); its bytes count, and nothing is given back for it. */
  readonly kind: 'whole' | 'part' | 'probe' | 'late'
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
): { readonly ledger: Ledger; readonly cost: 0 | 1 } {
  const open = current(ledger ?? NOTHING, delivery, isAlive)
  const entry = underwayOf(delivery)
  const joined = add(open, entry)
  // Its own bytes do not count: what has begun before twice the size is out may end.
  const needed = Math.max(copiesDue(joined), Math.floor(spentBy(open)) + 1)
  if (needed <= open.charges) return { ledger: joined, cost: 0 }
  if (fitsProbe(open, entry)) {
    const probeBytes = open.probeBytes + lengthOf(entry)
    return { ledger: add({ ...open, probeBytes }, { ...entry, kind: 'probe' }), cost: 0 }
  }
  const base = open.charges === 0 ? add(closed(open), entry) : joined
  return { ledger: { ...base, openedAt: delivery.now, charges: open.charges + 1 }, cost: 1 }
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
  if (entry.kind === 'late') return { ledger: rest, refund: 0 }
  if (entry.kind === 'probe') return { ledger: withoutUnsentProbe(rest, entry, sent), refund: 0 }
  const counted = entry.kind === 'whole' ? countWhole(rest, entry, sent) : countPart(rest, entry, sent)
  const due = Math.max(copiesDue(counted), Math.ceil(spentBy(counted)))
  const refund = Math.max(0, counted.charges - due)
  const settled = { ...counted, charges: counted.charges - refund }
  const isOver = settled.charges === 0 && !settled.underway.some(isPaid)
  return { ledger: isOver ? closed(settled) : settled, refund }
}

/** True when the record says nothing that a later delivery would need. `now` in epoch ms. */
export function isSpent(ledger: Ledger, now: number): boolean {
  const forgotten = ledger.charges === 0 || now >= ledger.openedAt + HOUR_MS
  const probed = ledger.probeBytes > 0 && ledger.probeDay === dayOf(now)
  return forgotten && !probed && ledger.underway.length === 0
}

/** The record as it counts now: without what is over, what belongs to another file, and what died. */
function current(ledger: Ledger, { size, now }: Delivery, isAlive: (id: string) => boolean): Ledger {
  const today = dayOf(now)
  const sameDay = ledger.probeDay === today
  const alive = { ...ledger, underway: ledger.underway.filter(({ id }) => isAlive(id)) }
  const isOver = ledger.size !== size || now >= ledger.openedAt + HOUR_MS
  const open = isOver ? { ...closed(alive), size, charges: 0 } : alive
  if (sameDay) return open
  const underway = open.underway.map((each) => (each.kind === 'probe' ? late(each) : each))
  return { ...open, underway, probeDay: today, probeBytes: 0 }
}

/** The record after its downloads are over. Deliveries that go on are remembered, so that their bytes are counted once. */
function closed(ledger: Ledger): Ledger {
  const underway = ledger.underway.map((each) => (isPaid(each) ? late(each) : each))
  return { ...ledger, underway, sent: 0, covered: [] }
}

function late(entry: Underway): Underway {
  return { ...entry, kind: 'late' }
}

function isPaid({ kind }: Underway): boolean {
  return kind === 'whole' || kind === 'part'
}

function underwayOf({ id, size, start, end }: Delivery): Underway {
  const isWhole = size === null || (start <= 0 && end >= size)
  return { id, start, end, kind: isWhole ? 'whole' : 'part' }
}

function lengthOf({ start, end }: Underway): number {
  return Math.max(0, end - start)
}

function add(ledger: Ledger, entry: Underway): Ledger {
  return { ...ledger, underway: [...ledger.underway, entry] }
}

function fitsProbe({ size, probeBytes }: Ledger, entry: Underway): boolean {
  if (entry.kind === 'whole' || size === null) return false
  return probeBytes + lengthOf(entry) <= Math.min(PROBE_BYTES, Math.floor(size / PROBE_SHARE))
}

/** Downloads whose whole copies are under way, at least one for whatever is. */
function copiesDue(ledger: Ledger): number {
  const paid = ledger.underway.filter(isPaid)
  const parts = paid.filter((each) => each.kind === 'part')
  const copies = paid.length - parts.length + (completes(ledger, parts) ? 1 : 0)
  return Math.max(copies, paid.length > 0 ? 1 : 0)
}

/** How often twice the size has gone out or is under way. */
function spentBy({ size, sent, underway }: Ledger): number {
  const bytes = sent + underway.filter(isPaid).reduce((sum, each) => sum + lengthOf(each), 0)
  return size ? Math.max(0, bytes / (2 * size)) : 0
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
  return isCopy ? finishDownload({ ...ledger, sent: ledger.sent + sent }) : countPart(ledger, entry, sent)
}

function countPart(ledger: Ledger, entry: Underway, sent: number): Ledger {
  const covered = addInterval(ledger.covered, entry.start, Math.min(entry.start + sent, entry.end))
  const counted = { ...ledger, sent: ledger.sent + sent, covered }
  if (ledger.size === null) return counted
  const isUsedUp = coversWhole(covered, ledger.size) || counted.sent >= 2 * ledger.size
  return isUsedUp ? finishDownload({ ...counted, covered: [] }) : counted
}

/**
 * A whole copy or twice the size went out: a download is used up, and what it did not need of twice the size helps the ones beside
 * it.
 */
function finishDownload(ledger: Ledger): Ledger {
  const sent = ledger.size === null ? 0 : ledger.sent - 2 * ledger.size
  return { ...ledger, charges: Math.max(0, ledger.charges - 1), sent }
}

function withoutUnsentProbe(ledger: Ledger, entry: Underway, sent: number): Ledger {
  return { ...ledger, probeBytes: ledger.probeBytes - Math.max(0, lengthOf(entry) - sent) }
}

function dayOf(now: number): number {
  return Math.floor(now / DAY_MS)
}

/** A delivery of a package's body, of which so many bytes were sent from `start` on. Offsets in the whole file. */
export interface Delivery {
  readonly start: number
  /** Where it would have ended. */
  readonly end: number
  readonly sent: number
  /** Whoever asked for it left at once: a host may read that when whatever was asked for later is over. */
  readonly mayComeLate?: boolean
}

/** How many downloads some deliveries are, at least and at most. */
interface Count {
  readonly least: number
  readonly most: number
}

const PROBE = 131_072

/**
 * Downloads of one file by one client within an hour, as docs/accounting.md has it, of deliveries that came one after the other, or whose
 * order makes no difference. `size` null: the storage does not tell.
 */
function countInOrder(size: number | null, deliveries: readonly Delivery[]): number {
  if (size === null) return deliveries.filter(({ sent }) => sent > 0).length
  let [downloads, isOpen, bytes, probed] = [0, false, 0, 0]
  let pieces: Delivery[] = []
  for (const each of deliveries) {
    const length = each.end - each.start
    const isProbe = length < size && probed + length <= Math.min(PROBE, Math.floor(size / 8))
    if (!isOpen && isProbe) probed += each.sent
    else if (each.sent > 0) {
      if (!isOpen) [downloads, isOpen, bytes, pieces] = [downloads + 1, true, 0, []]
      bytes += each.sent
      pieces.push(each)
      if (bytes >= 2 * size || isCovered(size, pieces)) isOpen = false
    }
  }
  return downloads
}

/**
 * The same of deliveries that were asked for one after the other. Where one of them may have come later than it was asked for, which makes a
 * difference when it was cut (before a whole copy it is resumed by it, behind one it opens a download of its own), all its places are thought of.
 */
export function countAsAsked(size: number | null, deliveries: readonly Delivery[]): Count {
  const first = deliveries.findIndex(({ mayComeLate }) => mayComeLate === true)
  const late = deliveries[first]
  const others = deliveries.toSpliced(first, 1)
  const orders =
    late === undefined
      ? [deliveries]
      : Array.from({ length: others.length - first + 1 }, (_, at) => others.toSpliced(first + at, 0, late))
  const counts = orders.map((order) => countInOrder(size, order))
  return { least: Math.min(...counts), most: Math.max(...counts) }
}

/**
 * The same of whole copies that came in any order, some of which were cut: each whole one is a download, and twice the size is never out
 * for fewer than one; a copy of which nothing was sent is none.
 */
export function countInAnyOrder(size: number | null, deliveries: readonly Delivery[]): Count {
  const begun = deliveries.filter(({ sent }) => sent > 0)
  if (size === null) return { least: begun.length, most: begun.length }
  const whole = begun.filter(({ sent }) => sent === size).length
  const bytes = begun.reduce((sum, { sent }) => sum + sent, 0)
  return { least: Math.max(whole, Math.ceil(bytes / (2 * size))), most: begun.length }
}

function isCovered(size: number, pieces: readonly Delivery[]): boolean {
  let reached = 0
  for (const { start, sent } of pieces.toSorted((a, b) => a.start - b.start)) {
    if (start > reached) return false
    reached = Math.max(reached, start + sent)
  }
  return reached >= size
}

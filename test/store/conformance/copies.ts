/**
 * Downloads of one artifact by one client that belong together, as plainly as possible: files are sets of bytes, and nothing is ever
 * forgotten. A download covers the deliveries for an hour, until the file was sent once or twice its size has gone out; what was on its way
 * before counts as if it will arrive. What turns out not to have been needed is given back.
 */
export interface Copies {
  /** null: unknown; then whatever was sent is a copy. */
  readonly size: number | null
  isOpen: boolean
  chargedAt: number
  paid: number
  /** Downloads that are over: a whole copy was sent, or twice the size. */
  copies: number
  bytes: number
  /** Bytes of the next copy that cut and ranged deliveries have sent. */
  pieces: ReadonlySet<number>
  readonly moving: Set<Span>
}

/** What is on its way. */
export interface Span {
  readonly start: number
  readonly end: number
}

export function newCopies(size: number | null): Copies {
  return {
    size,
    isOpen: true,
    chargedAt: 0,
    paid: 0,
    copies: 0,
    bytes: 0,
    pieces: new Set(),
    moving: new Set(),
  }
}

/** True when a further delivery needs no further charge. */
export function covers(copies: Copies, span: Span): boolean {
  return needed(copies, span) <= copies.paid
}

/** Counts what was sent of a delivery; gives how many downloads are given back. */
export function arrive(copies: Copies, span: Span, sent: number): number {
  copies.moving.delete(span)
  copies.bytes += sent
  if (copies.size === null ? sent > 0 : sent === copies.size) copies.copies++
  else addPieces(copies, bytesOf(span.start, span.start + sent))
  const refund = Math.max(0, copies.paid - needed(copies))
  copies.paid -= refund
  if (copies.paid === copies.copies && copies.moving.size === 0) copies.isOpen = false
  return refund
}

/** Downloads that these deliveries are, if everything on its way arrives. */
function needed({ size, copies, bytes, pieces, moving }: Copies, extra?: Span): number {
  const spans = [...moving, ...(extra ? [extra] : [])]
  const parts = spans.filter((each) => size !== null && each.end - each.start < size)
  const union = parts.reduce((sum, each) => sum.union(bytesOf(each.start, each.end)), pieces)
  const whole = spans.length - parts.length + (parts.length > 0 && union.size === size ? 1 : 0)
  const total = bytes + [...moving].reduce((sum, each) => sum + each.end - each.start, 0)
  const doubles = size === null ? 0 : total / (2 * size)
  const byBytes = extra === undefined ? Math.ceil(doubles) : Math.floor(doubles) + 1
  return Math.max(copies + whole, copies + Math.min(1, spans.length), byBytes)
}

function addPieces(copies: Copies, more: ReadonlySet<number>): void {
  if (copies.size === null) return
  copies.pieces = copies.pieces.union(more)
  const isDouble = copies.bytes >= 2 * copies.size * (copies.copies + 1)
  if (copies.pieces.size < copies.size && !isDouble) return
  copies.copies++
  copies.pieces = new Set()
}

function bytesOf(start: number, end: number): Set<number> {
  return new Set(Array.from({ length: end - start }, (_, index) => start + index))
}

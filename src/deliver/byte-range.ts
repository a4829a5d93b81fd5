import type { Extent } from './contract.ts'

/** One range as a client asks for it (RFC 9110 §14.1.2). Huge numbers become Infinity or lose digits: both lie beyond any file. */
export type ByteRange =
  /** Inclusive; `last` is Infinity when left open. */
  { readonly first: number; readonly last: number } | { readonly suffix: number }

const SINGLE = /^bytes=(\d*)-(\d*)$/

/** undefined for anything but one well-formed byte range: the RFC wants such a header ignored. */
export function parseRange(header: string | undefined): ByteRange | undefined {
  const match = SINGLE.exec(header ?? '')
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '') return last === '' ? undefined : { suffix: Number(last) }
  const range = { first: Number(first), last: last === '' ? Number.POSITIVE_INFINITY : Number(last) }
  return range.last < range.first ? undefined : range
}

/** `[start, end)` within a file of `size` bytes; undefined when it has none of them. */
export function resolveRange(range: ByteRange, size: number): readonly [number, number] | undefined {
  const start = 'suffix' in range ? Math.max(0, size - range.suffix) : range.first
  const end = 'suffix' in range ? size : Math.min(size, range.last + 1)
  return start < end ? [start, end] : undefined
}

/** True when `extent` is what was asked for, or less of it from the same start: what RFC 9110 §15.3.7 allows. */
export function answersRange(range: ByteRange, { start, end, size }: Extent): boolean {
  if ('suffix' in range) return end - start <= range.suffix && (size === null || end === size)
  return start === range.first && end - 1 <= range.last
}

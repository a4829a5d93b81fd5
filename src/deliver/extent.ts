import type { Extent } from './contract.ts'

const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+|\*)$/
const DIGITS = /^\d+$/

/** What a 200 sends. */
export function wholeExtent(contentLength: string | undefined): Extent {
  const size = contentLength !== undefined && DIGITS.test(contentLength) ? Number(contentLength) : null
  return { start: 0, end: size ?? 0, size }
}

/** What a 206 sends by its Content-Range (RFC 9110 §14.4); undefined when that can't be told. */
export function rangeExtent(contentRange: string | undefined): Extent | undefined {
  const match = CONTENT_RANGE.exec(contentRange ?? '')
  if (match === null) return undefined
  const [, first, last, size] = match
  const extent = { start: Number(first), end: Number(last) + 1, size: size === '*' ? null : Number(size) }
  const possible = extent.end > extent.start && (extent.size === null || extent.end <= extent.size)
  return possible ? extent : undefined
}

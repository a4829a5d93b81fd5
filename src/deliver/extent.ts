import type { Extent } from './contract.ts'

const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+|\*)$/
const DIGITS = /^\d+$/

/** What a 200 sends. */
export function wholeExtent(contentLength: string | undefined): Extent {
  const size = readLength(contentLength)
  return { start: 0, end: size ?? 0, size }
}

/** What a 206 sends by its Content-Range (RFC 9110 §14.4); undefined when that can't be told, or its length says otherwise. */
export function rangeExtent(
  contentRange: string | undefined,
  contentLength: string | undefined,
): Extent | undefined {
  const match = CONTENT_RANGE.exec(contentRange ?? '')
  if (match === null) return undefined
  const [, first, last, size] = match
  const extent = { start: Number(first), end: Number(last) + 1, size: size === '*' ? null : Number(size) }
  const length = readLength(contentLength)
  const possible =
    extent.end > extent.start &&
    Number.isSafeInteger(extent.end) &&
    (extent.size === null || extent.end <= extent.size) &&
    (length === null || length === extent.end - extent.start)
  return possible ? extent : undefined
}

function readLength(text: string | undefined): number | null {
  const length = text !== undefined && DIGITS.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(length) ? length : null
}

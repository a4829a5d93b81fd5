import { parseRange, resolveRange } from '../../deliver/byte-range.ts'
import type { Extent, Opened } from '../../deliver/contract.ts'
import { valueOf } from '../../deliver/header-list.ts'
import { readHttpDate } from '../../deliver/http-date.ts'

/**
 * What another server sends at most of a file, of which the storage said `opened` to a HEAD. It reads Range by itself: a part is taken for one
 * only where nobody who keeps RFC 9110 reads it differently. So `If-Range` counts as kept for the very date of the file alone (ETags may be
 * others there), and whatever is out of the ordinary is the whole.
 */
export function expectedExtent(
  headers: Readonly<Record<string, string | undefined>>,
  { extent: { size }, headers: described }: Pick<Opened, 'extent' | 'headers'>,
): Extent {
  if (size === null) return { start: 0, end: 0, size: null }
  const whole = { start: 0, end: size, size }
  const range = parseRange(headers['range'])
  if (range === undefined || valueOf(described, 'accept-ranges') !== 'bytes') return whole
  const condition = headers['if-range']
  const modified = readHttpDate(valueOf(described, 'last-modified'))
  if (condition !== undefined && (modified === undefined || readHttpDate(condition) !== modified))
    return whole
  const part = resolveRange(range, size)
  return part === undefined ? whole : { start: part[0], end: part[1], size }
}

/** As in a Range header; undefined for the whole. */
export function rangeOf({ start, end, size }: Extent): string | undefined {
  return size === null || (start === 0 && end === size) ? undefined : `bytes=${start}-${end - 1}`
}

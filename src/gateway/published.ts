import type { Opened } from '../deliver/contract.ts'
import { valueOf } from '../deliver/header-list.ts'
import { readHttpDate } from '../deliver/http-date.ts'
import type { Permission } from '../policy/decide.ts'
import { refuse, type Refusal } from '../policy/refusal.ts'
import type { Token } from '../policy/types.ts'

const HAS_CONTENT: ReadonlySet<number> = new Set([200, 206])

/**
 * Refuses a package that the storage dates (Last-Modified) later than the token includes, or does not date. Indexes are for everybody: they
 * name what can be had by others. A 304 without a date gives nothing that the client does not have.
 */
export function judgePublication(
  { record: { publishedUntil } }: Token,
  { charge }: Permission,
  { status, headers, handedOver }: Opened,
): Refusal | undefined {
  if (publishedUntil === null || charge === 'free') return undefined
  const modified = readHttpDate(valueOf(headers, 'last-modified'))
  const givesContent = HAS_CONTENT.has(status) || handedOver !== undefined
  const isTooLate = modified === undefined ? givesContent : modified * 1000 > publishedUntil
  return isTooLate ? refuse('published_too_late', { at: publishedUntil }) : undefined
}

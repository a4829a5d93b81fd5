import { parseRange, resolveRange } from './byte-range.ts'
import type { Extent } from './contract.ts'

/** How a file is to be answered. `headers` are flat. */
export interface Conditional {
  readonly status: 200 | 206 | 304 | 412 | 416
  readonly extent: Extent
  readonly headers: readonly string[]
}

type RequestHeaders = Readonly<Record<string, string | undefined>>

/**
 * Evaluates the conditional and range headers of a GET or HEAD (RFC 9110 §13.2.2 and §14) against a file's size and
 * modification time. Expects effective headers (request-headers.ts): a range there is a single one.
 */
export function evaluateConditions(request: RequestHeaders, size: number, modified: Date): Conditional {
  const etag = `"${size.toString(16)}-${modified.getTime().toString(16)}"`
  const seconds = Math.floor(modified.getTime() / 1000)
  const validators = ['etag', etag, 'last-modified', new Date(seconds * 1000).toUTCString()]
  const whole: Extent = { start: 0, end: size, size }
  if (fails(request, etag, seconds)) {
    return { status: 412, extent: whole, headers: [...validators, 'content-length', '0'] }
  }
  if (isUnchanged(request, etag, seconds)) return { status: 304, extent: whole, headers: validators }
  const range = holds(request['if-range'], etag, seconds) ? parseRange(request['range']) : undefined
  if (range === undefined) {
    return { status: 200, extent: whole, headers: [...validators, 'content-length', String(size)] }
  }
  const found = resolveRange(range, size)
  if (found === undefined) {
    return {
      status: 416,
      extent: whole,
      headers: ['content-range', `bytes */${size}`, 'content-length', '0'],
    }
  }
  const [start, end] = found
  const described = [
    'content-length',
    String(end - start),
    'content-range',
    `bytes ${start}-${end - 1}/${size}`,
  ]
  return { status: 206, extent: { start, end, size }, headers: [...validators, ...described] }
}

/** If-None-Match against the current ETag, by weak comparison (RFC 9110 §13.1.2). */
export function matchesWeakly(list: string, etag: string): boolean {
  return list.trim() === '*' || tags(list).some((tag) => tag.replace(/^W\//, '') === etag)
}

function fails(request: RequestHeaders, etag: string, modified: number): boolean {
  const match = request['if-match']
  // A strong comparison: a weak tag never matches.
  if (match !== undefined) return match.trim() !== '*' && !tags(match).includes(etag)
  const since = toSeconds(request['if-unmodified-since'])
  return since !== undefined && modified > since
}

function isUnchanged(request: RequestHeaders, etag: string, modified: number): boolean {
  const noneMatch = request['if-none-match']
  if (noneMatch !== undefined) return matchesWeakly(noneMatch, etag)
  const since = toSeconds(request['if-modified-since'])
  return since !== undefined && modified <= since
}

/** If-Range: apt sends the date of its partial file, pip and curl an ETag; the range counts only for the same file. */
function holds(condition: string | undefined, etag: string, modified: number): boolean {
  if (condition === undefined) return true
  return condition.startsWith('"') ? condition === etag : toSeconds(condition) === modified
}

function tags(list: string): string[] {
  return list.split(',').map((tag) => tag.trim())
}

const WITH_ZONE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, \d\d[ -][A-Z][a-z]{2}[ -](?:\d\d){1,2} \d\d:\d\d:\d\d GMT$/
const ASCTIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/

/** The three forms of RFC 9110 §5.6.7 and nothing else: `Date.parse` finds a date in any text with a number in it. */
function toSeconds(date: string | undefined): number | undefined {
  if (date === undefined) return undefined
  const text = ASCTIME.test(date) ? `${date} GMT` : date
  const parsed = ASCTIME.test(date) || WITH_ZONE.test(date) ? Date.parse(text) : Number.NaN
  return Number.isNaN(parsed) ? undefined : Math.floor(parsed / 1000)
}

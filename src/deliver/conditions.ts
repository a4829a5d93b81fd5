import { parseRange, resolveRange } from './byte-range.ts'
import type { Extent } from './contract.ts'
import { readHttpDate } from './http-date.ts'

/** How a file is to be answered. `headers` are flat. */
export interface Conditional {
  readonly status: 200 | 206 | 304 | 412 | 416
  readonly extent: Extent
  readonly headers: readonly string[]
}

type RequestHeaders = Readonly<Record<string, string | undefined>>

/** A file, as far as conditions look at it. */
export interface Representation {
  readonly size: number
  /** As in the header, weak ones with their `W/`. undefined: it has none. */
  readonly etag: string | undefined
  /** Epoch seconds. undefined: nobody knows. */
  readonly modified: number | undefined
}

/**
 * Evaluates the conditional and range headers of a GET or HEAD (RFC 9110 §13.2.2 and §14) against a file. Expects effective
 * headers (request-headers.ts): a range there is a single one.
 */
export function evaluateConditions(request: RequestHeaders, file: Representation): Conditional {
  const { size } = file
  const whole: Extent = { start: 0, end: size, size }
  if (fails(request, file)) return { status: 412, extent: whole, headers: ['content-length', '0'] }
  if (isUnchanged(request, file)) return { status: 304, extent: whole, headers: [] }
  const range = holds(request['if-range'], file) ? parseRange(request['range']) : undefined
  if (range === undefined) return { status: 200, extent: whole, headers: ['content-length', String(size)] }
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
  return { status: 206, extent: { start, end, size }, headers: described }
}

/** If-None-Match against the current ETag, by weak comparison (RFC 9110 §13.1.2). */
export function matchesWeakly(list: string, etag: string | undefined): boolean {
  if (list.trim() === '*') return true
  return etag !== undefined && tags(list).some((tag) => strengthen(tag) === strengthen(etag))
}

function fails(request: RequestHeaders, { etag, modified }: Representation): boolean {
  const match = request['if-match']
  // A strong comparison: a weak tag never matches.
  if (match !== undefined) return match.trim() !== '*' && !(isStrong(etag) && tags(match).includes(etag))
  const since = readHttpDate(request['if-unmodified-since'])
  return since !== undefined && modified !== undefined && modified > since
}

function isUnchanged(request: RequestHeaders, { etag, modified }: Representation): boolean {
  const noneMatch = request['if-none-match']
  if (noneMatch !== undefined) return matchesWeakly(noneMatch, etag)
  const since = readHttpDate(request['if-modified-since'])
  return since !== undefined && modified !== undefined && modified <= since
}

/** If-Range: apt sends the date of its partial file, pip and curl an ETag; the range counts only for the same file. */
function holds(condition: string | undefined, { etag, modified }: Representation): boolean {
  if (condition === undefined) return true
  if (condition.startsWith('"')) return isStrong(etag) && condition === etag
  return modified !== undefined && readHttpDate(condition) === modified
}

function isStrong(etag: string | undefined): etag is string {
  return etag !== undefined && etag.startsWith('"')
}

function strengthen(etag: string): string {
  return etag.replace(/^W\//, '')
}

/** A tag may hold a comma. */
function tags(list: string): readonly string[] {
  return list.match(/(?:W\/)?"[^"]*"/g) ?? []
}

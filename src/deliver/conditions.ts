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
 * modification time. One range at a time: several are answered with the whole file, as the RFC allows.
 */
export function evaluateConditions(request: RequestHeaders, size: number, modified: Date): Conditional {
  const etag = `"${size.toString(16)}-${modified.getTime().toString(16)}"`
  const seconds = Math.floor(modified.getTime() / 1000)
  const validators = ['etag', etag, 'last-modified', new Date(seconds * 1000).toUTCString()]
  const whole: Extent = { start: 0, end: size, size }
  if (fails(request, etag, seconds)) return { status: 412, extent: whole, headers: validators }
  if (isUnchanged(request, etag, seconds)) return { status: 304, extent: whole, headers: validators }
  const range = holds(request['if-range'], etag, seconds) ? parseRange(request['range'], size) : undefined
  if (range === 'unsatisfiable') {
    return {
      status: 416,
      extent: whole,
      headers: ['content-range', `bytes */${size}`, 'content-length', '0'],
    }
  }
  const [start, end] = range ?? [0, size]
  const headers = [...validators, 'content-length', String(end - start)]
  if (range === undefined) return { status: 200, extent: whole, headers }
  return {
    status: 206,
    extent: { start, end, size },
    headers: [...headers, 'content-range', `bytes ${start}-${end - 1}/${size}`],
  }
}

function fails(request: RequestHeaders, etag: string, modified: number): boolean {
  const match = request['if-match']
  if (match !== undefined) return match !== '*' && !tags(match).includes(etag)
  const since = toSeconds(request['if-unmodified-since'])
  return since !== undefined && modified > since
}

function isUnchanged(request: RequestHeaders, etag: string, modified: number): boolean {
  const noneMatch = request['if-none-match']
  if (noneMatch !== undefined) return noneMatch === '*' || tags(noneMatch).includes(etag)
  const since = toSeconds(request['if-modified-since'])
  return since !== undefined && modified <= since
}

/** If-Range: apt sends the date of its partial file, pip and curl an ETag; the range counts only for the same file. */
function holds(condition: string | undefined, etag: string, modified: number): boolean {
  if (condition === undefined) return true
  return condition.startsWith('"') ? condition === etag : toSeconds(condition) === modified
}

function tags(list: string): string[] {
  return list.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
}

function toSeconds(date: string | undefined): number | undefined {
  const parsed = date === undefined ? Number.NaN : Date.parse(date)
  return Number.isNaN(parsed) ? undefined : Math.floor(parsed / 1000)
}

/** `[start, end)` of a single satisfiable byte range; undefined where the header is absent, malformed or names several. */
function parseRange(
  header: string | undefined,
  size: number,
): readonly [number, number] | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  return start >= size || end <= start ? 'unsatisfiable' : [start, end]
}

import type { StorageHeaders } from '../response-headers.ts'
import { headerName } from './header-names.ts'

/** Where a body ends: after so many bytes, where its chunks say, or with the connection. */
type Framing = number | 'chunked' | 'until-close'

/** The beginning of an answer. */
export interface ResponseHead {
  readonly status: number
  /** Latin-1; without Object's prototype, so that no name means anything but a header. */
  readonly headers: StorageHeaders
  readonly framing: Framing
  /** The connection may be used again after the body. */
  readonly isPersistent: boolean
}

/** Lines of headers; more are no honest answer. */
const MOST_HEADERS = 256
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: .*)?$/
/** In Latin-1: everything that is neither field content (RFC 9110 §5.5) nor part of a line's end. */
const CONTROL = /[^\t\r\n\x20-\x7e\x80-\xff]/
const DIGITS = /^\d{1,16}$/

/**
 * Reads the head of an answer to a GET or HEAD, from its status line to the end of its last header, without the empty line. A string
 * says what is wrong with it. Stricter than RFC 9112 asks a client to be, because whoever reads an answer otherwise than a client
 * or a proxy behind us does, can be made to pass one answer off as two:
 *
 * - Lines end in CR LF; a CR or LF alone, and a header that goes on in a second line (§5.2), are refused, and so is a control
 *   character anywhere (§2.2): nothing that a value can hold breaks a line further on.
 * - A length that comes twice, even with the same number, or together with a transfer coding, is refused (§6.3), and so is every
 *   transfer coding but `chunked`, and any in an answer of HTTP/1.0 (§6.1).
 */
export function parseHead(text: string, method: string): ResponseHead | string {
  if (CONTROL.test(text)) return 'a control character in its head'
  const statusEnd = lineEnd(text, 0)
  if (statusEnd === -1) return BROKEN_LINE
  const status = STATUS_LINE.exec(text.slice(0, statusEnd))
  if (status === null) return 'no status line of HTTP/1'
  const headers = readHeaders(text, statusEnd + 2)
  if (typeof headers === 'string') return headers
  const isOld = status[1] === '0'
  const code = Number(status[2])
  const framing = framingOf(method, code, headers, isOld)
  if (framing === 'malformed') return 'no clear end of its body'
  return { status: code, headers, framing, isPersistent: framing !== 'until-close' && lasts(headers, isOld) }
}

const BROKEN_LINE = 'a line that does not end in CR LF'

/** Where the line that begins at `from` ends; -1 when a CR or LF in it stands alone. */
function lineEnd(text: string, from: number): number {
  const cr = text.indexOf('\r', from)
  const lf = text.indexOf('\n', from)
  if (cr === -1) return lf === -1 ? text.length : -1
  return lf === cr + 1 ? cr : -1
}

/** As the prototype of headers: an object that has none itself is slow. */
const NO_NAMES: object = Object.freeze(Object.create(null))

type Headers = Record<string, string | string[]>

function readHeaders(text: string, from: number): Headers | string {
  const headers = Object.create(NO_NAMES) as Headers
  let count = 0
  for (let at = from; at < text.length;) {
    const end = lineEnd(text, at)
    if (end === -1) return BROKEN_LINE
    const colon = text.indexOf(':', at)
    // A line that goes on (obs-fold) begins with a space, which is no name either.
    const name = colon === -1 || colon > end ? undefined : headerName(text.slice(at, colon))
    if (name === undefined) return 'a line in its head that is no header'
    if (++count > MOST_HEADERS) return 'too many headers'
    add(headers, name, trimmed(text, colon + 1, end))
    at = end + 2
  }
  return headers
}

function add(headers: Headers, name: string, value: string): void {
  const before = headers[name]
  if (before === undefined) headers[name] = value
  else if (typeof before === 'string') headers[name] = [before, value]
  else before.push(value)
}

const TAB = 9
const SPACE = 32

function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to]
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (start < end && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}

function framingOf(method: string, status: number, headers: Headers, isOld: boolean): Framing | 'malformed' {
  const { 'transfer-encoding': coding, 'content-length': length } = headers
  const isBodiless = method === 'HEAD' || status === 204 || status === 304 || status < 200
  if (coding !== undefined) {
    const isChunked = typeof coding === 'string' && coding.toLowerCase() === 'chunked'
    if (!isChunked || length !== undefined || isOld) return 'malformed'
    return isBodiless ? 0 : 'chunked'
  }
  if (length === undefined) return isBodiless ? 0 : 'until-close'
  const bytes = typeof length === 'string' && DIGITS.test(length) ? Number(length) : Number.NaN
  if (!Number.isSafeInteger(bytes)) return 'malformed'
  return isBodiless ? 0 : bytes
}

/** RFC 9112 §9.3. */
function lasts({ connection }: Headers, isOld: boolean): boolean {
  if (connection === undefined) return !isOld
  if (connection === 'keep-alive') return true
  const options = String(connection).toLowerCase().split(',')
  const says = (option: string): boolean => options.some((each) => each.trim() === option)
  return !says('close') && (!isOld || says('keep-alive'))
}

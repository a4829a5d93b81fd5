import { createChunkedReader, type ChunkedReader } from './chunked.ts'
import { parseHead, type ResponseHead } from './parse-head.ts'

/**
 * What comes next in an answer. `head`: it has begun; `data`: a piece of its body; `more`: everything was read, and it is not over;
 * `end`: it is whole; `malformed`: it can't be read any further.
 */
type AnswerEvent = 'head' | 'data' | 'more' | 'end' | 'malformed'

/** Reads the answers of one connection, in pieces of any size, without copying bodies. */
export interface AnswerReader {
  /** An answer to this method follows. */
  readonly begin: (method: string) => void
  /** Goes on reading `buffer` at `at`, up to `end`, as far as the next event. After `end` and `malformed` there is none. */
  readonly next: (buffer: Buffer, at: number, end: number) => AnswerEvent
  /** Whether the connection may end here: its end is the end of the body. */
  readonly mayEnd: () => boolean
  /** What `next` found. */
  readonly found: Found
}

interface Found {
  /** Up to where was read. */
  at: number
  /** `data`: where the piece begins that ends at `at`. */
  from: number
  /** From `head` on. */
  head: ResponseHead
  /** `malformed`: what is wrong. */
  why: string
}

/** Of one head, and what Node allows by default. */
const LONGEST_HEAD = 16 * 1024
/** Interim answers (1xx) before the one that was asked for. */
const MOST_INTERIM = 16
const HEAD_END = '\r\n\r\n'
const HEAD_END_BYTES: Buffer = Buffer.from(HEAD_END)
const BEGINNING = 'HTTP/1.'
const NO_HEAD: ResponseHead = { status: 0, headers: {}, framing: 0, isPersistent: false }

export function createAnswerReader(): AnswerReader {
  const found: Found = { at: 0, from: 0, head: NO_HEAD, why: '' }
  let method = ''
  let isInBody = false
  /** Of a head that is not whole. */
  let carried = ''
  let interim = 0
  let left = 0
  let chunks: ChunkedReader | undefined

  const malformed = (why: string): AnswerEvent => {
    found.why = why
    return 'malformed'
  }

  const readHead = (buffer: Buffer, at: number, end: number): AnswerEvent => {
    const text = takeHead(buffer, at, end)
    if (text === undefined) {
      found.at = end
      return carried.length > LONGEST_HEAD ? malformed(TOO_LONG) : judgePart(carried)
    }
    if (text.length > LONGEST_HEAD) return malformed(TOO_LONG)
    const head = parseHead(text, method)
    if (typeof head === 'string') return malformed(head)
    return head.status < 200 ? passOver(head, buffer, end) : enterBody(head)
  }
  /** The text of a head up to its empty line, and the place behind that; undefined when it is not here yet. */
  const takeHead = (buffer: Buffer, at: number, end: number): string | undefined => {
    if (carried === '') {
      // What lies behind `end` is left over from earlier.
      const headEnd = buffer.indexOf(HEAD_END_BYTES, at)
      if (headEnd !== -1 && headEnd + HEAD_END.length <= end) {
        found.at = headEnd + HEAD_END.length
        return buffer.toString('latin1', at, headEnd)
      }
    }
    const before = carried.length
    carried += buffer.toString('latin1', at, Math.min(end, at + LONGEST_HEAD + 1))
    const headEnd = before === 0 ? -1 : carried.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length + 1))
    if (headEnd === -1) return undefined
    found.at = at + headEnd + HEAD_END.length - before
    const text = carried.slice(0, headEnd)
    carried = ''
    return text
  }
  /** Nonsense is not waited for to the end. */
  const judgePart = (text: string): AnswerEvent => {
    const isHttp = text.startsWith(BEGINNING) || BEGINNING.startsWith(text)
    if (!isHttp) return malformed('no status line of HTTP/1')
    return BARE_LF.test(text) ? malformed('a line that does not end in CR LF') : 'more'
  }
  const passOver = ({ status }: ResponseHead, buffer: Buffer, end: number): AnswerEvent => {
    // Nobody asked whether to go on, or for another protocol: what follows would not be an answer.
    if (status <= 101) return malformed(`an unasked ${status}`)
    if (++interim > MOST_INTERIM) return malformed('interim answers without end')
    return found.at === end ? 'more' : readHead(buffer, found.at, end)
  }
  const enterBody = (head: ResponseHead): AnswerEvent => {
    isInBody = true
    found.head = head
    left = typeof head.framing === 'number' ? head.framing : Infinity
    chunks = head.framing === 'chunked' ? createChunkedReader() : undefined
    return 'head'
  }

  const readBody = (at: number, end: number): AnswerEvent => {
    found.at = at
    if (left === 0) return 'end'
    if (at === end) return 'more'
    found.from = at
    found.at = Math.min(end, at + left)
    left -= found.at - at
    return 'data'
  }
  const readChunked = (reader: ChunkedReader, buffer: Buffer, at: number, end: number): AnswerEvent => {
    const event = reader.next(buffer, at, end)
    found.at = reader.place.at
    found.from = reader.place.from
    return event === 'malformed' ? malformed('a body whose chunks are none') : event
  }

  return {
    begin: (of) => {
      method = of
      isInBody = false
      carried = ''
      interim = 0
    },
    next: (buffer, at, end) => {
      if (!isInBody) return at === end ? 'more' : readHead(buffer, at, end)
      return chunks === undefined ? readBody(at, end) : readChunked(chunks, buffer, at, end)
    },
    mayEnd: () => isInBody && found.head.framing === 'until-close',
    found,
  }
}

const TOO_LONG = 'a head that is too long'
const BARE_LF = /(?<!\r)\n/

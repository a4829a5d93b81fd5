import * as fc from 'fast-check'

/** An answer of a storage, as it goes over the wire. */
export interface Answer {
  readonly method: 'GET' | 'HEAD'
  readonly bytes: Buffer
  /** Where it is cut into pieces, by its length. */
  readonly cuts: readonly number[]
  /** The connection ends behind it. */
  readonly ends: boolean
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

/** Mostly the first. */
function rarely(usual: string, ...others: string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, fc.constantFrom(...others))
}

const NAME = fc.constantFrom('etag', 'X-Thing', 'Link', 'vary', 'CONTENT-TYPE', 'x_y.z', 'Keep-Alive')
const VALUE = fc.oneof(
  fc.constantFrom('', '"x"', '  spaced\t', 'a, b', 'gr\u00fc\u00df', 'timeout=5', 'x: y'),
  fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[^\x21-\x7e]/g, '')),
)
const HEADER = fc.tuple(NAME, fc.constantFrom(':', ': ', ':\t'), VALUE).map((parts) => parts.join(''))

const BODY = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes))

/** A body with the headers that say where it ends, rightly or wrongly. */
const FRAMED = fc.oneof(
  { weight: 5, arbitrary: BODY.map((body) => ({ headers: [`Content-Length: ${body.length}`], body })) },
  fc.tuple(BODY, fc.integer({ min: -3, max: 3 })).map(([body, by]) => ({
    headers: [`content-length: ${Math.max(0, body.length + by)}`],
    body,
  })),
  {
    weight: 5,
    arbitrary: fc.tuple(BODY, fc.array(fc.nat({ max: 60 }), { maxLength: 6 }), CHUNKING()).map(chunked),
  },
  BODY.map((body) => ({ headers: ['connection: close'], body })),
  BODY.map((body) => ({ headers: [] as string[], body })),
  BODY.map((body) => ({
    headers: [`content-length: ${body.length}`, 'transfer-encoding: chunked'],
    body,
  })),
  BODY.map((body) => ({
    headers: [`content-length: ${body.length}`, `content-length: ${body.length}`],
    body,
  })),
  fc
    .tuple(BODY, fc.constantFrom('+4', '4,4', '0x4', '-1', '', '99999999999999999999', '4;', '\t4'))
    .map(([body, length]) => ({ headers: [`content-length: ${length}`], body })),
  fc
    .tuple(
      BODY,
      fc.constantFrom('gzip', 'chunked, chunked', 'identity', 'Chunked', 'chunked;q=1', 'xchunked', ''),
    )
    .map(([body, coding]) => ({
      headers: [`transfer-encoding: ${coding}`],
      body: Buffer.concat([latin1(`${body.length.toString(16)}\r\n`), body, latin1('\r\n0\r\n\r\n')]),
    })),
)

function CHUNKING() {
  return fc.record({
    extension: rarely('', ';a', ';a=b', ';a="b c"', ' ', ';\x01', ';\n'),
    trailers: rarely('', 'x-sum: 1\r\n', 'a: b\r\nc: d\r\n', 'x\n'),
    zeros: fc.nat({ max: 3 }),
    isUpper: fc.boolean(),
    end: rarely('\r\n', '\n', 'x\r\n', ''),
  })
}

type Chunking = ReturnType<typeof CHUNKING> extends fc.Arbitrary<infer Value> ? Value : never

function chunked([body, sizes, { extension, trailers, zeros, isUpper, end }]: [Buffer, number[], Chunking]) {
  const pieces: Buffer[] = []
  let at = 0
  for (const size of [...sizes, body.length]) {
    const data = body.subarray(at, at + size)
    if (data.length === 0) continue
    const hex = '0'.repeat(zeros) + data.length.toString(16)
    pieces.push(latin1(`${isUpper ? hex.toUpperCase() : hex}${extension}\r\n`), data, latin1(end))
    at += data.length
  }
  return {
    headers: ['Transfer-Encoding: chunked'],
    body: Buffer.concat([...pieces, latin1(`0\r\n${trailers}\r\n`)]),
  }
}

const STATUS_LINE = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(200, 206, 404, 503).map((status) => `HTTP/1.1 ${status} Words`) },
  fc.constantFrom(204, 304, 205, 301, 599, 999, 600, 99).map((status) => `HTTP/1.1 ${status} OK`),
  fc.constantFrom(
    'HTTP/1.0 200 OK',
    'HTTP/1.1 200',
    'HTTP/1.1 200 ',
    'HTTP/2.0 200 OK',
    'HTTP/1.2 200 OK',
    'http/1.1 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 200OK',
    'HTTP/1.1 200 gr\u00fc\u00df',
    'HTTP/0.9 200 OK',
    'ICY 200 OK',
    '',
  ),
)

const INTERIM = rarely(
  '',
  'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n',
  'HTTP/1.1 102 Processing\r\n\r\n'.repeat(3),
  'HTTP/1.1 100 Continue\r\n\r\n',
)

/** Strikes one byte of a head. */
const STRIKE = fc.option(
  fc.tuple(
    fc.nat(),
    fc.constantFrom('\r', '\n', '\0', ' ', '\t', ':', '\x7f', '\x80', '\r\n', '\r\n ', '\n\n', ''),
  ),
  { freq: 5, nil: undefined },
)

function strike(head: string, by: [number, string] | undefined): string {
  if (by === undefined) return head
  const at = by[0] % head.length
  return head.slice(0, at) + by[1] + head.slice(at + 1)
}

/** Answers good and bad, of every kind that decides where a body ends, in pieces. */
export const ANSWER: fc.Arbitrary<Answer> = fc
  .record({
    method: fc.constantFrom('GET' as const, 'GET' as const, 'GET' as const, 'HEAD' as const),
    interim: INTERIM,
    line: STATUS_LINE,
    headers: fc.array(HEADER, { maxLength: 4 }),
    framed: FRAMED,
    struck: STRIKE,
    behind: rarely('', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', '\r\n', 'x'),
    cuts: fc.array(fc.nat(), { maxLength: 5 }),
  })
  .map(({ method, interim, line, headers, framed, struck, behind, cuts }) => {
    const head = `${[line, ...headers, ...framed.headers].join('\r\n')}\r\n\r\n`
    const body = method === 'HEAD' ? Buffer.alloc(0) : framed.body
    const bytes = Buffer.concat([latin1(interim + strike(head, struck)), body, latin1(behind)])
    return { method, bytes, cuts, ends: true }
  })

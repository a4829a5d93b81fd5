/** Reads what Ruby writes with `Marshal.dump` (doc/marshal.rdoc of Ruby), as far as lists of texts, and of versions of gems, go. */
export interface MarshalReader {
  readonly at: () => number
  /** Moves behind the beginning of an array; gives its length. */
  readonly array: () => number
  /** Moves behind the value; gives it if it is a text, or a version as its text. */
  readonly text: () => string | undefined
}

const HEAD = Buffer.from([4, 8])
const [ARRAY, STRING, WITH_VARIABLES, OWN_CLASS] = ['[', '"', 'I', 'U']
const [SYMBOL, SYMBOL_LINK, OBJECT_LINK] = [':', ';', '@']
const [NIL, TRUE, FALSE] = ['0', 'T', 'F']

/** Rejects everything else (SyntaxError). */
export function createMarshalReader(bytes: Buffer): MarshalReader {
  if (!bytes.subarray(0, HEAD.length).equals(HEAD)) throw broken(0)
  let at = HEAD.length
  /** All that a link may stand for, in the order in which they began. */
  const objects: (string | undefined)[] = []

  const byte = (): number => {
    const read = bytes[at++]
    if (read === undefined) throw broken(at)
    return read
  }
  const count = (): number => {
    const first = byte()
    if (first === 0) return 0
    if (first > 4) return first > 127 ? fail() : first - 5
    let sum = 0
    for (let place = 0; place < first; place++) sum += byte() * 256 ** place
    return sum
  }
  const fail = (): never => {
    throw broken(at)
  }
  const raw = (): string => {
    const length = count()
    if (length > bytes.length - at) fail()
    at += length
    return bytes.toString('utf8', at - length, at)
  }
  const symbol = (): void => {
    const type = String.fromCharCode(byte())
    if (type === SYMBOL) raw()
    else if (type === SYMBOL_LINK) count()
    else fail()
  }
  const array = (): number => {
    if (String.fromCharCode(byte()) !== ARRAY) fail()
    objects.push(undefined)
    return count()
  }
  const variables = (): void => {
    for (let left = count(); left > 0; left--) {
      symbol()
      text()
    }
  }
  /** An object that has written itself as a list of one text. */
  const own = (): string | undefined => {
    symbol()
    const place = objects.push(undefined) - 1
    if (array() !== 1) fail()
    return (objects[place] = text())
  }
  const text = (): string | undefined => {
    const type = String.fromCharCode(byte())
    if (type === NIL || type === TRUE || type === FALSE) return undefined
    if (type === OBJECT_LINK) return objects[count()]
    if (type === OWN_CLASS) return own()
    if (type === STRING) return objects[objects.push(raw()) - 1]
    if (type !== WITH_VARIABLES || String.fromCharCode(byte()) !== STRING) return fail()
    const read = objects[objects.push(raw()) - 1]
    variables()
    return read
  }
  return { at: () => at, array, text }
}

/** The beginning of a text that Ruby reads. */
export const MARSHAL_HEAD: Buffer = HEAD

/** A count, as it stands before what is counted. */
export function marshalCount(count: number): Buffer {
  if (count === 0) return Buffer.from([0])
  if (count < 123) return Buffer.from([count + 5])
  const bytes: number[] = []
  for (let rest = count; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256)
  return Buffer.from([bytes.length, ...bytes])
}

function broken(at: number): SyntaxError {
  return new SyntaxError(`the storage's list of gems is not what Ruby writes, seen at byte ${at}`)
}

import { setImmediate as nextTurn } from 'node:timers/promises'

/** Reads a JSON text value by value, without making anything of what nobody wants to know. */
export interface JsonReader {
  /** Offset of the value that is read next, or of what stands behind the last one. */
  readonly at: () => number
  /** Goes to the value that begins at `offset`, or behind what is blank there. */
  readonly moveTo: (offset: number) => void
  /** Moves behind the value. */
  readonly skip: () => Promise<void>
  /** Moves behind the value; gives it if it is a string. */
  readonly text: () => Promise<string | undefined>
  /**
   * Calls `visit` for each member of an object, or for each element of an array, with the reader at its value; `visit` has to move behind
   * that. Gives the offset of the bracket at the end, and moves behind it. undefined, with the value skipped, for what is no such list.
   */
  readonly members: (visit: (key: string, start: number) => Promise<void>) => Promise<number | undefined>
  readonly elements: (visit: (start: number) => Promise<void>) => Promise<number | undefined>
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OBJECT, OBJECT_END, ARRAY, ARRAY_END] = [0x7b, 0x7d, 0x5b, 0x5d]
/** What ends a number or a word. */
const ENDS: ReadonlySet<number> = new Set([
  0x20,
  0x09,
  0x0a,
  0x0d,
  QUOTE,
  COMMA,
  COLON,
  OBJECT_END,
  ARRAY_END,
])
/** Read in one go; a few milliseconds. */
const SLICE_BYTES = 128 * 1024

/**
 * Reads `json` in slices, so that others get their turn. Takes every text that is JSON for what it is; of others it rejects what it can't
 * find its way in (SyntaxError), and takes no notice of mistakes inside of values that are skipped.
 */
export function createJsonReader(json: Buffer): JsonReader {
  let at = skipSpace(json, 0)
  let rest = SLICE_BYTES

  const skip = async (): Promise<void> => {
    let depth = 0
    do {
      at = skipSpace(json, at)
      depth += step()
      if (at > rest) {
        rest = at + SLICE_BYTES
        await nextTurn()
      }
    } while (depth > 0)
    if (depth < 0) throw broken(at)
  }
  /** Moves behind a string, a number or word, or one sign; gives by how much that leads deeper. */
  const step = (): number => {
    const sign = json[at]
    if (sign === undefined) throw broken(at)
    if (sign === QUOTE) at = endOfString(json, at)
    else if (sign === OBJECT || sign === ARRAY) return (at++, 1)
    else if (sign === OBJECT_END || sign === ARRAY_END) return (at++, -1)
    else if (sign === COMMA || sign === COLON) at++
    else while (at < json.length && !ENDS.has(json[at] ?? 0)) at++
    return 0
  }
  const text = async (): Promise<string | undefined> => {
    at = skipSpace(json, at)
    const [start, isString] = [at, json[at] === QUOTE]
    await skip()
    return isString ? parseString(json, start, at) : undefined
  }
  const list = async (
    opening: number,
    visit: (start: number) => Promise<void>,
  ): Promise<number | undefined> => {
    at = skipSpace(json, at)
    if (json[at] !== opening) return void (await skip())
    const closing = opening === OBJECT ? OBJECT_END : ARRAY_END
    at = skipSpace(json, at + 1)
    while (json[at] !== closing) {
      await visit(at)
      at = skipSpace(json, at)
      if (json[at] === closing) break
      if (json[at] !== COMMA) throw broken(at)
      at = skipSpace(json, at + 1)
    }
    return at++
  }
  return {
    at: () => at,
    moveTo: (offset) => (at = skipSpace(json, offset)),
    skip,
    text,
    elements: (visit) => list(ARRAY, visit),
    members: (visit) =>
      list(OBJECT, async (start) => {
        if (json[at] !== QUOTE) throw broken(at)
        at = endOfString(json, at)
        const key = parseString(json, start, at)
        at = skipSpace(json, at)
        if (json[at] !== COLON) throw broken(at)
        at = skipSpace(json, at + 1)
        await visit(key, start)
      }),
  }
}

/** Offset behind the quote that ends the string which begins at `start`. */
function endOfString(json: Buffer, start: number): number {
  for (let end = json.indexOf(QUOTE, start + 1); end !== -1; end = json.indexOf(QUOTE, end + 1)) {
    let before = end
    while (json[before - 1] === BACKSLASH) before--
    if ((end - before) % 2 === 0) return end + 1
  }
  throw broken(json.length)
}

function parseString(json: Buffer, start: number, end: number): string {
  return String(JSON.parse(json.toString('utf8', start, end)))
}

/** Offset of the first byte at or behind `at` that is no blank. */
export function skipSpace(json: Buffer, at: number): number {
  let next = at
  while (json[next] === 0x20 || json[next] === 0x0a || json[next] === 0x0d || json[next] === 0x09) next++
  return next
}

function broken(at: number): SyntaxError {
  return new SyntaxError(`the storage's document is no JSON, seen at byte ${at}`)
}

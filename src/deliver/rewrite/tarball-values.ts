import { setImmediate as nextTurn } from 'node:timers/promises'
import { skipSpace } from './json-reader.ts'

const KEY = Buffer.from('"tarball"')
const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a]
/** Scanned in one go; a few milliseconds. */
const SLICE_BYTES = 1024 * 1024

/**
 * Replaces the string values of all `tarball` members in a JSON text; `replace` gives undefined for what is to stay. Every other byte
 * stays as it is, so that the text need not be parsed and written anew. `"tarball"` between unescaped quotes and before a colon
 * is a member's name: inside a string of valid JSON its first quote would have a backslash.
 */
export async function replaceTarballs(
  json: Buffer,
  replace: (value: string) => string | undefined,
): Promise<Buffer> {
  const pieces: Buffer[] = []
  let from = 0
  let rest = SLICE_BYTES
  for (let at = json.indexOf(KEY); at !== -1; at = json.indexOf(KEY, at + KEY.length)) {
    const found = json[at - 1] === BACKSLASH ? undefined : findValue(json, at + KEY.length)
    const replaced = found === undefined ? undefined : replaceValue(json.subarray(...found), replace)
    if (found !== undefined && replaced !== undefined) {
      pieces.push(json.subarray(from, found[0]), replaced)
      from = found[1]
    }
    if (at > rest) {
      rest = at + SLICE_BYTES
      await nextTurn()
    }
  }
  return pieces.length === 0 ? json : Buffer.concat([...pieces, json.subarray(from)])
}

/** Where the string with its quotes begins and ends that follows a member's name; undefined for another value, or none. */
function findValue(json: Buffer, afterName: number): [number, number] | undefined {
  const colon = skipSpace(json, afterName)
  if (json[colon] !== COLON) return undefined
  const start = skipSpace(json, colon + 1)
  if (json[start] !== QUOTE) return undefined
  let end = start + 1
  while (end < json.length && json[end] !== QUOTE) end += json[end] === BACKSLASH ? 2 : 1
  return end < json.length ? [start, end + 1] : undefined
}

function replaceValue(literal: Buffer, replace: (value: string) => string | undefined): Buffer | undefined {
  const replaced = replace(parseString(literal.toString()))
  return replaced === undefined ? undefined : Buffer.from(JSON.stringify(replaced))
}

/** Something that is not JSON after all is not repaired here. */
function parseString(literal: string): string {
  try {
    return String(JSON.parse(literal))
  } catch {
    return ''
  }
}

import { parseJson } from './draft.ts'

const MOST_BYTES = 16 * 1024

/** A pair of metadata as it is typed. */
export interface Pair {
  readonly key: string
  readonly value: string
}

/** Why a text can't be metadata; undefined: it can. */
export function metadataProblem(text: string): string | undefined {
  if (text.trim() === '') return undefined
  const value = parseJson(text)
  if (value === undefined) return 'This is no valid JSON.'
  if (!isObject(value)) return 'This has to be a JSON object, such as {"customer": 4711}.'
  const twin = twinOf(text)
  if (twin !== undefined) return `There are two entries with the name ${twin}.`
  const size = new TextEncoder().encode(JSON.stringify(value)).length
  return size > MOST_BYTES ? `At most ${MOST_BYTES / 1024} KB of JSON are allowed.` : undefined
}

/** The pairs of metadata, if they can be shown as such: an object of plain values. undefined: only JSON says what they are. */
export function pairsOf(text: string): readonly Pair[] | undefined {
  if (text.trim() === '') return []
  const value = parseJson(text)
  if (!isObject(value) || twinOf(text) !== undefined) return undefined
  const entries = Object.entries(value)
  if (entries.some(([, each]) => typeof each === 'object' && each !== null)) return undefined
  return entries.map(([key, each]) => ({ key, value: showValue(each) }))
}

/** The JSON of pairs; of those with neither name nor value nothing. Two of one name both stand there: `metadataProblem` says so. */
export function jsonOf(pairs: readonly Pair[]): string {
  const filled = pairs.filter(({ key, value }) => key !== '' || value !== '')
  if (filled.length === 0) return ''
  const lines = filled.map(
    ({ key, value }) => `  ${JSON.stringify(key)}: ${JSON.stringify(readValue(value))}`,
  )
  return `{\n${lines.join(',\n')}\n}`
}

/** A text that would be taken for something else stands in quotes. */
function showValue(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return readValue(value) === value ? value : JSON.stringify(value)
}

/** `4711` is a number, `true` and `null` are what they say, `"4711"` is a text, as all else. */
function readValue(typed: string): unknown {
  const value = parseJson(typed)
  const isPlain = value !== undefined && (typeof value !== 'object' || value === null)
  return isPlain ? value : typed
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A name that an object (valid JSON) has twice: readers of JSON would drop one in silence. */
function twinOf(text: string): string | undefined {
  const seen = new Set<string>()
  let depth = 0
  for (const [piece] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/g)) {
    if (piece === '{' || piece === '[') depth += 1
    else if (piece === '}' || piece === ']') depth -= 1
    else if (depth === 1 && piece.endsWith(':')) {
      const name = piece.slice(0, piece.lastIndexOf('"') + 1)
      if (seen.has(name)) return name
      seen.add(name)
    }
  }
  return undefined
}

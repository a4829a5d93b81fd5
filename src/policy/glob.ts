/**
 * Compiles a glob: `*` any run without `/`, `**` any run (and nothing else: `**` + `/x` needs the slash), `?` one character but
 * `/`; every other character stands for itself, case included. Guaranteed to take at most text × pattern steps, whatever a
 * vendor wrote and a customer asks for: no text becomes a RegExp.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const wild = pattern.search(/[*?]/)
  if (wild === -1) return (text) => text === pattern
  const literal = pattern.slice(0, wild)
  const parts = parsePattern(pattern.slice(wild))
  return (text) => text.startsWith(literal) && matchesParts(parts, text.slice(wild))
}

/** One step of a pattern. */
interface Part {
  /** It may stand for any number of characters, none included. */
  readonly repeats: boolean
  readonly accepts: (character: string) => boolean
}

const anything = (): boolean => true
const notSlash = (character: string): boolean => character !== '/'

function parsePattern(pattern: string): Part[] {
  return Array.from(pattern.matchAll(/\*+|[^*]/gsu), ([piece]) => parsePiece(piece))
}

function parsePiece(piece: string): Part {
  if (piece === '*') return { repeats: true, accepts: notSlash }
  if (piece.startsWith('*')) return { repeats: true, accepts: anything }
  if (piece === '?') return { repeats: false, accepts: notSlash }
  return { repeats: false, accepts: (character) => character === piece }
}

/**
 * Follows all ways to match at once. `reached[j]` is true when the characters read so far can be matched by the first `j`
 * parts, so each character costs one pass over the parts and nothing is ever tried again.
 */
function matchesParts(parts: readonly Part[], text: string): boolean {
  const reached = [true, ...parts.map(() => false)]
  skipRepeats(parts, reached)
  for (const character of text) readCharacter(parts, reached, character)
  return reached.at(-1) === true
}

/** Before the first character only parts that may stand for nothing are passed. */
function skipRepeats(parts: readonly Part[], reached: boolean[]): void {
  for (const [j, part] of parts.entries()) reached[j + 1] = part.repeats && reached[j] === true
}

function readCharacter(parts: readonly Part[], reached: boolean[], character: string): void {
  let previous = reached[0] === true
  reached[0] = false
  for (const [j, part] of parts.entries()) {
    const here = reached[j + 1] === true
    const source = part.repeats ? here : previous
    reached[j + 1] = (source && part.accepts(character)) || (part.repeats && reached[j] === true)
    previous = here
  }
}

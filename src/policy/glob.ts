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

/** One step of a pattern: `*`, `**`, `?`, or a character that stands for itself. Texts, because many tokens are kept in memory. */
type Part = string

function parsePattern(pattern: string): Part[] {
  return Array.from(pattern.matchAll(/\*+|[^*]/gsu), ([piece]) =>
    piece.length > 1 && piece.startsWith('*') ? '**' : piece,
  )
}

/** True for a part that may stand for any number of characters, none included. */
function repeats(part: Part): boolean {
  return part === '*' || part === '**'
}

function accepts(part: Part, character: string): boolean {
  if (part === '**') return true
  return part === '*' || part === '?' ? character !== '/' : character === part
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
  for (const [j, part] of parts.entries()) reached[j + 1] = repeats(part) && reached[j] === true
}

function readCharacter(parts: readonly Part[], reached: boolean[], character: string): void {
  let previous = reached[0] === true
  reached[0] = false
  for (const [j, part] of parts.entries()) {
    const here = reached[j + 1] === true
    const source = repeats(part) ? here : previous
    reached[j + 1] = (source && accepts(part, character)) || (repeats(part) && reached[j] === true)
    previous = here
  }
}

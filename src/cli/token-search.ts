/** What no search may have in it, not even in quotes: see docs/search.md. */
const NEVER = /[\\‘’“”"\p{Cf}\p{Cs}\p{Cc}]+/u

/** A search that finds the tokens of this name, and perhaps others: what the language of searches can't write is left open. */
export function searchForName(name: string): string {
  const pieces = name
    .split(NEVER)
    .map((piece) => piece.replaceAll(/^[~^<>=\s]+|[$\s]+$/g, ''))
    .filter((piece) => piece !== '')
  return pieces.map((piece) => `name:"${piece}"`).join(' ')
}

/** Longest key path and value that are searched; longer ones are passed over. */
export const LONGEST_PATH = 100
export const LONGEST_VALUE = 200

/**
 * What of a token's metadata is searched: the path of each text, number and truth value, with dots between keys, and its text. The entries
 * of a list have the path of the list. Each pair once.
 */
export function metadataPairs(metadata: unknown): readonly (readonly [path: string, value: string])[] {
  const pairs = new Map<string, readonly [string, string]>()
  collect('', metadata, pairs)
  return [...pairs.values()]
}

function collect(path: string, value: unknown, into: Map<string, readonly [string, string]>): void {
  if (Array.isArray(value)) {
    for (const each of value) collect(path, each, into)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) collect(path === '' ? key : `${path}.${key}`, each, into)
  } else if (value !== null && value !== undefined && path !== '') {
    const text = String(value)
    if (isSearchable(path, text)) into.set(pairKey(path, text), [path, text])
  }
}

/** True for what a pair can be; neither part holds a NUL. */
export function isSearchable(path: string, value: string): boolean {
  const isShort = path.length <= LONGEST_PATH && value.length <= LONGEST_VALUE
  return isShort && !path.includes('\0') && !value.includes('\0')
}

/** One text for a pair. */
export function pairKey(path: string, value: string): string {
  return `${path}\0${value}`
}

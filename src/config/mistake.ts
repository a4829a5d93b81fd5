/** Where something stands in the file, as keys and list positions from the top. */
export type Path = readonly (string | number)[]

/** Something wrong at a path; where that is in the text is looked up later, unless `offset` says so. */
export interface Finding {
  readonly path: Path
  readonly message: string
  /** The key itself is wrong, not its value. */
  readonly atKey?: boolean
  /** Characters from the beginning of the text. */
  readonly offset?: number
}

/** One mistake in a configuration file. Never holds the value of `secret_key`. */
export interface Mistake {
  /** `repositories.acme/el.format`, `trusted_proxies[1]`; empty for the file as a whole. */
  readonly path: string
  /** What is wrong and what would be right. */
  readonly message: string
  /** From 1; 0 when the file could not be read. */
  readonly line: number
  /** From 1; 0 when the file could not be read. */
  readonly column: number
}

/** Keys that are no plain words, perhaps with a port, are not shown: a value without a space after its colon is read as a part of the key. */
const SHOWABLE = /^[\w./@*-]{1,80}(?::\d{1,5})?$/

export function formatPath(path: Path): string {
  return path.reduce<string>(appendStep, '')
}

/** A key as a message shows it. */
function showKey(key: string): string {
  return SHOWABLE.test(key) ? key : '(odd key)'
}

function appendStep(before: string, step: string | number): string {
  if (typeof step === 'number') return `${before}[${step}]`
  return before === '' ? showKey(step) : `${before}.${showKey(step)}`
}

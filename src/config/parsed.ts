/** Outcome of reading one value: the value, or a sentence that says what is wrong and what would be right. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string }

const LONGEST_QUOTE = 40

export function good<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

export function bad(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why }
}

/** A value as a message shows it: short, in quotes, nothing in it that a terminal obeys. Never for what may be secret. */
export function quote(text: string): string {
  const short = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text
  return JSON.stringify(short).replaceAll(/\p{C}/gu, '?')
}

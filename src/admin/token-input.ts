import { nearest } from '../text/near.ts'
import { STORED_TOKEN_DEFAULTS } from '../store/stored-token.ts'
import { crossMistakes, type Before, type Mistake } from './cross-checks.ts'
import type { FieldErrors } from './errors.ts'
import { explainIssues } from './field-errors.ts'
import { GRACE_FIELD } from './grace.ts'
import { TOKEN_FIELDS, UNSUPPORTED_FIELDS, type TokenInput } from './token-fields.ts'
import { READ_ONLY_FIELDS } from './token-output.ts'

/** A checked body, or everything that is wrong with it. */
export type Checked =
  | { readonly ok: true; readonly input: TokenInput }
  | { readonly ok: false; readonly errors: FieldErrors }

type Fields = Readonly<Record<string, unknown>>

const KNOWN = [...TOKEN_FIELDS.keys(), ...UNSUPPORTED_FIELDS.keys()]
/** Bounds of an answer: a body of 100 KB has room for ten thousand mistakes. */
const LONGEST_NAME = 64
const MOST_UNKNOWN = 20

/** Checks the body of a creation: the name is required. `token: null` asks for a generated secret, as leaving it out does. */
export function checkCreation(body: Fields, now: number): Checked {
  const { token, ...others } = body
  const given = token === null || token === undefined ? others : body
  const missing: Mistake[] = Object.hasOwn(body, 'name') ? [] : [['name', ['This field is required.']]]
  return check(given, STORED_TOKEN_DEFAULTS, now, missing)
}

/** Checks the body of a change to a token that has `before`. */
export function checkChange(body: Fields, before: Before, now: number): Checked {
  return check(body, before, now, [])
}

function check(body: Fields, before: Before, now: number, missing: readonly Mistake[]): Checked {
  const errors = new Map(missing)
  const values: Record<string, unknown> = {}
  const unknown: string[] = []
  for (const [name, value] of Object.entries(body)) {
    const field = TOKEN_FIELDS.get(name)
    const read = field?.schema.safeParse(value)
    if (field !== undefined && read?.success === true) values[field.property] = read.data
    else if (read?.error !== undefined) errors.set(name, explainIssues(read.error.issues))
    else if (!isKnown(name)) unknown.push(name)
    else if (!UNSUPPORTED_FIELDS.get(name)?.includes(value)) errors.set(name, [explainKnown(name)])
  }
  for (const name of unknown.slice(0, MOST_UNKNOWN)) errors.set(shorten(name), [explainUnknown(name)])
  // The schemas stand beside the properties that they fill: TokenField in token-fields.ts.
  const input: TokenInput = values
  for (const [name, messages] of crossMistakes(input, before, errors, now)) errors.set(name, messages)
  return errors.size > 0 ? { ok: false, errors } : { ok: true, input }
}

function isKnown(name: string): boolean {
  return UNSUPPORTED_FIELDS.has(name) || READ_ONLY_FIELDS.has(name) || name === GRACE_FIELD
}

function explainKnown(name: string): string {
  if (name === GRACE_FIELD)
    return 'This field is for refresh; elsewhere there is previous_secret_valid_until.'

  if (name === 'repository') return 'This field is read-only; repositories says what a token opens.'
  const neutral = UNSUPPORTED_FIELDS.get(name)?.map((value) => JSON.stringify(value))
  if (neutral === undefined) return 'This field is read-only.'
  return `This is not supported yet, and would not be enforced; leave it out or send ${neutral.join(' or ')}.`
}

function explainUnknown(name: string): string {
  const near = nearest(name, KNOWN)
  return near === undefined ? 'There is no such field.' : `There is no such field; did you mean ${near}?`
}

function shorten(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name
}

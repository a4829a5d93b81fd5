import type { z } from 'zod'
import type { TokenFields } from '../policy/types.ts'
import type { FieldErrors } from './errors.ts'
import { nearest } from '../text/near.ts'
import { TOKEN_FIELDS, UNSUPPORTED_FIELDS, type TokenInput } from './token-fields.ts'
import { READ_ONLY_FIELDS } from './token-output.ts'

/** A checked body, or everything that is wrong with it. */
export type Checked =
  | { readonly ok: true; readonly input: TokenInput }
  | { readonly ok: false; readonly errors: FieldErrors }

type Fields = Readonly<Record<string, unknown>>
type Mistake = readonly [field: string, messages: readonly string[]]
type Window = Pick<TokenFields, 'validFrom' | 'validUntil'>

const KNOWN = [...TOKEN_FIELDS.keys(), ...UNSUPPORTED_FIELDS.keys()]
/** Bounds of an answer: a body of 100 KB has room for ten thousand mistakes. */
const LONGEST_NAME = 64
const MOST_UNKNOWN = 20
const MOST_MESSAGES = 20

/** Checks the body of a creation: the name is required. `token: null` asks for a generated secret, as leaving it out does. */
export function checkCreation(body: Fields): Checked {
  const { token, ...others } = body
  const given = token === null || token === undefined ? others : body
  const missing: Mistake[] = Object.hasOwn(body, 'name') ? [] : [['name', ['This field is required.']]]
  return check(given, { validFrom: null, validUntil: null }, missing)
}

/** Checks the body of a change to a token that has `before`. */
export function checkChange(body: Fields, before: Window): Checked {
  return check(body, before, [])
}

function check(body: Fields, before: Window, missing: readonly Mistake[]): Checked {
  const errors = new Map(missing)
  const values: Record<string, unknown> = {}
  const unknown: string[] = []
  for (const [name, value] of Object.entries(body)) {
    const field = TOKEN_FIELDS.get(name)
    const read = field?.schema.safeParse(value)
    if (field !== undefined && read?.success === true) values[field.property] = read.data
    else if (read?.error !== undefined) errors.set(name, explainIssues(read.error))
    else if (!isKnown(name)) unknown.push(name)
    else if (!UNSUPPORTED_FIELDS.get(name)?.includes(value)) errors.set(name, [explainKnown(name)])
  }
  for (const name of unknown.slice(0, MOST_UNKNOWN)) errors.set(shorten(name), [explainUnknown(name)])
  // The schemas stand beside the properties that they fill: TokenField in token-fields.ts.
  const input: TokenInput = values
  for (const [name, messages] of windowMistakes(input, before, errors)) errors.set(name, messages)
  return errors.size > 0 ? { ok: false, errors } : { ok: true, input }
}

/** A window must begin before it ends. Judged when an end of it was sent and could be read, with the other one as it stands. */
function windowMistakes(input: TokenInput, before: Window, errors: FieldErrors): Mistake[] {
  const [from, to] = ['limit_date_range_from', 'limit_date_range_to']
  const { validFrom = before.validFrom, validUntil = before.validUntil } = input
  if (errors.has(from) || errors.has(to)) return []
  if (validFrom === null || validUntil === null || validFrom < validUntil) return []
  if (input.validUntil !== undefined) return [[to, [`This must lie after ${from}.`]]]
  return input.validFrom === undefined ? [] : [[from, [`This must lie before ${to}.`]]]
}

/** An issue inside a list says where: `[2] …`. */
function explainIssues({ issues }: z.ZodError): string[] {
  return issues.slice(0, MOST_MESSAGES).map(({ path, message }) => {
    return path.length === 0 ? message : `[${path.join('][')}] ${message}`
  })
}

function isKnown(name: string): boolean {
  return UNSUPPORTED_FIELDS.has(name) || READ_ONLY_FIELDS.has(name)
}

function explainKnown(name: string): string {
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

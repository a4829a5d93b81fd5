import { z } from 'zod'
import { compileRepositoryGlobs } from '../policy/repositories.ts'
import { ROLES, type Role } from '../policy/roles.ts'
import { entries, instant, name } from './field-schemas.ts'
import type { FieldErrors } from './errors.ts'
import { fieldErrorsOf } from './field-errors.ts'

const REQUIRED = 'This field is required.'
const UNKNOWN = 'There is no such field, or it can’t be set here.'

/** What a body sets on a key. Instants in epoch ms. */
export interface KeyCreation {
  readonly name: string
  readonly role: Role
  readonly repositories: readonly string[]
  readonly expires_at: number | null
}

/** What it leaves out stays as it is. */
export interface KeyInput {
  readonly name?: string | undefined
  readonly repositories?: readonly string[] | undefined
  readonly expires_at?: number | null | undefined
}

const repositories = entries(compileRepositoryGlobs)

/** The body of a creation. */
export const KEY_CREATION: z.ZodType<KeyCreation> = z.strictObject(
  {
    name,
    role: z.enum(ROLES, `This field must be one of ${ROLES.join(', ')}.`),
    repositories,
    expires_at: instant.default(null),
  },
  UNKNOWN,
)
/** The body of a change. */
export const KEY_CHANGE: z.ZodType<KeyInput> = z.strictObject(
  { name: name.optional(), repositories: repositories.optional(), expires_at: instant.optional() },
  UNKNOWN,
)

type Checked<Input> =
  | { readonly ok: true; readonly input: Input }
  | { readonly ok: false; readonly errors: FieldErrors }

type Fields = Readonly<Record<string, unknown>>

/** Checks the body of a creation. Nothing has a default that would open something. */
export function checkKeyCreation(body: Fields, now: number): Checked<KeyCreation> {
  const missing = ['name', 'role', 'repositories'].filter((field) => !Object.hasOwn(body, field))
  return check(KEY_CREATION, body, now, missing)
}

export function checkKeyChange(body: Fields, now: number): Checked<KeyInput> {
  return check(KEY_CHANGE, body, now, [])
}

function check<Input extends Pick<KeyInput, 'expires_at'>>(
  schema: z.ZodType<Input>,
  body: Fields,
  now: number,
  missing: readonly string[],
): Checked<Input> {
  const parsed = schema.safeParse(body)
  const errors = new Map(parsed.success ? [] : fieldErrorsOf(parsed.error))
  for (const field of missing) errors.set(field, [REQUIRED])
  const end = parsed.data?.expires_at
  if (typeof end === 'number' && end <= now) errors.set('expires_at', ['This must lie in the future.'])
  return parsed.success && errors.size === 0 ? { ok: true, input: parsed.data } : { ok: false, errors }
}

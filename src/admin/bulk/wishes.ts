import { isPlausibleSecret } from '../../policy/secret.ts'
import type { FieldErrors } from '../errors.ts'
import { SLUG_PERM } from '../places.ts'
import type { Row } from './read-rows.ts'

export const ACTIONS = ['upsert', 'create', 'ensure', 'update', 'enable', 'disable', 'delete'] as const
export type Action = (typeof ACTIONS)[number]

/** By what a row without slug_perm finds its token. */
export const MATCHES = ['name', 'secret'] as const
export type Match = (typeof MATCHES)[number]

/** The token that a row is about. */
interface Key {
  readonly by: 'slug_perm' | Match
  /** For `secret` its digest. */
  readonly value: string
}

/** What a row wants done. */
export interface Wish extends Pick<Row, 'row' | 'line'> {
  readonly action: Action
  readonly key: Key
  /** Of the token. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Of the secret that the row names. */
  readonly digest: string | undefined
  /** Nothing can be done. */
  readonly errors: FieldErrors
}

export interface WishOptions {
  readonly action: Action
  readonly match: Match
  readonly digest: (secret: string) => string
}

const KEY_FIELDS = { slug_perm: 'slug_perm', name: 'name', secret: 'token' } as const

/** The field that a key stands in. */
export function fieldOf({ by }: Key): string {
  return KEY_FIELDS[by]
}

/** What each row wants. Of two rows about the same token, or with the same secret, the second can't be done. */
export function readWishes(rows: readonly Row[], options: WishOptions): readonly Wish[] {
  const [seen, secrets] = [new Map<string, number>(), new Map<string, number>()]
  return rows.map((row) => {
    const wish = readWish(row, options)
    const { key, digest } = wish
    if (wish.errors.size > 0) return wish
    const id = `${key.by} ${key.value}`
    const first = seen.get(id)
    const errors = new Map<string, readonly string[]>()
    if (first !== undefined) errors.set(fieldOf(key), [`Row ${first} is about the same token.`])
    const sharer = digest === undefined ? undefined : secrets.get(digest)
    if (first === undefined && sharer !== undefined)
      errors.set('token', [`Row ${sharer} has the same secret.`])
    if (first === undefined) seen.set(id, row.row)
    if (digest !== undefined && sharer === undefined) secrets.set(digest, row.row)
    return { ...wish, errors }
  })
}

function readWish({ row, line, fields: given, errors }: Row, options: WishOptions): Wish {
  const { action: asked = options.action, slug_perm: slugPerm, ...fields } = given
  const action = ACTIONS.find((each) => each === asked)
  const { token } = fields
  const digest = typeof token === 'string' && isPlausibleSecret(token) ? options.digest(token) : undefined
  const key = readKey(slugPerm, fields, digest, options)
  const wrong: [string, readonly string[]][] = [
    ...errors,
    ...(action === undefined ? [['action', [`This must be one of ${ACTIONS.join(', ')}.`]] as const] : []),
  ].map(([field, messages]) => [field, messages])
  if (errors.size === 0 && 'message' in key) wrong.push([key.field, [key.message]])
  return {
    row,
    line,
    action: action ?? 'update',
    key: 'message' in key ? { by: 'slug_perm', value: '' } : key,
    fields,
    digest,
    errors: new Map(wrong),
  }
}

type KeyMistake = { readonly field: string; readonly message: string }

function readKey(
  slugPerm: unknown,
  { name, token }: Wish['fields'],
  digest: string | undefined,
  { match }: WishOptions,
): Key | KeyMistake {
  if (slugPerm !== undefined && slugPerm !== null) {
    const text = String(slugPerm)
    if (SLUG_PERM.test(text)) return { by: 'slug_perm', value: text }
    return { field: 'slug_perm', message: 'This is no id of a token.' }
  }
  if (match === 'name') {
    if (typeof name === 'string' && !name.isWellFormed()) {
      return { field: 'name', message: 'This is no valid Unicode text.' }
    }
    if (typeof name === 'string' && name !== '') return { by: 'name', value: name }
    return { field: 'name', message: 'The row needs a name or a slug_perm to say which token it is about.' }
  }
  if (digest !== undefined) return { by: 'secret', value: digest }
  const message =
    token === undefined || token === null
      ? 'The row needs a secret or a slug_perm to say which token it is about.'
      : 'This can be no secret: see docs/tokens.md.'
  return { field: 'token', message }
}

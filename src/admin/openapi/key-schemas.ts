import { ROLES } from '../../policy/roles.ts'
import { KEY_CHANGE, KEY_CREATION } from '../key-fields.ts'
import { bodyOf, flag, instant, listOf, orNull, record, text, url, type JsonSchema } from './json-schema.ts'

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  name: 'What or whom it is for.',
  role: 'What it may do. It can’t be changed.',
  repositories: 'Globs over owner/repo that it covers. Empty: none.',
  expires_at: 'First instant at which it no longer works. null: it works until it is revoked.',
}

const KEY: JsonSchema = record({
  name: text('What or whom it is for.'),
  slug_perm: text('Permanent id. Never secret.'),
  key: text('The key itself, in the answer that makes or rotates it; asterisks ever after.'),
  // Another version may have made it.
  role: text(`What it may do: ${ROLES.join(', ')}, or nothing.`),
  repositories: listOf({ type: 'string' }, 'Globs over owner/repo that it covers.'),
  is_active: flag('Whether it works now.'),
  expires_at: orNull(instant('First instant at which it no longer works.')),
  last_used_at: orNull(instant('When it was last used, within about a second.')),
  last_used_from: orNull(text('From which address.')),
  created_at: instant('When it was made.'),
  created_by: orNull(text('By which key. null: by Postern itself.')),
  updated_at: orNull(instant('When it was last changed.')),
  updated_by: orNull(text('By which key.')),
  revoked_at: orNull(instant('When it was revoked.')),
  revoked_by: orNull(text('By which key.')),
  self_url: url('Where the key is.'),
  rotate_url: url('Where it is given a new secret.'),
})

/** Components by their names. */
export function keySchemas(): Readonly<Record<string, JsonSchema>> {
  return {
    Key: KEY,
    KeyCreation: {
      ...bodyOf(KEY_CREATION, DESCRIPTIONS),
      examples: [{ name: 'Terraform', role: 'entitlements', repositories: ['acme/*'] }],
    },
    KeyChange: {
      ...bodyOf(KEY_CHANGE, DESCRIPTIONS),
      examples: [{ name: 'Terraform, staging' }],
    },
  }
}

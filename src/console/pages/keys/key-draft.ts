import type { KeyJson } from '../../api/types.ts'
import { entriesOf } from '../../words/entries.ts'
import type { Draft, NamedField } from '../../words/merge.ts'

type KeyField = 'name' | 'repositories' | 'expires_at'

/** The form of a key as it is typed: repositories one a line, the end in minutes of UTC. */
export type KeyDraft = Draft<KeyField>

export const KEY_FIELDS: readonly NamedField<KeyField>[] = [
  { name: 'name', label: 'Name' },
  { name: 'repositories', label: 'Repositories that it covers' },
  { name: 'expires_at', label: 'Ends (UTC)' },
]

/** Nothing is open by default. */
export const NEW_KEY: KeyDraft = { name: '', repositories: '', expires_at: '' }

export function keyDraftOf({ name, repositories, expires_at: end }: KeyJson): KeyDraft {
  return { name, repositories: repositories.join('\n'), expires_at: end?.slice(0, 16) ?? '' }
}

/** The body of a creation. */
export function keyBodyOf(draft: KeyDraft): Readonly<Record<KeyField, unknown>> {
  const end = draft.expires_at ?? ''
  return {
    name: draft.name,
    repositories: entriesOf(draft.repositories ?? ''),
    expires_at: end === '' ? null : `${end}:00Z`,
  }
}

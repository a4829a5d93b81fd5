import { draftOf, type Draft, type Settings } from './draft.ts'
import { FIELDS, type Field } from './fields.ts'

/** A field that somebody else changed while this form was open; each as the form writes it. */
export interface Rival {
  readonly field: Field
  readonly before: string | null
  readonly theirs: string | null
  /** What is typed here; the same as `before` where nothing is. */
  readonly mine: string | null
  /** Both changed it, and not to the same. */
  readonly isDisputed: boolean
}

/** What somebody else changed in a token since it was read here as `before`. */
export function rivalsOf(before: Draft, draft: Draft, now: Settings): readonly Rival[] {
  const theirs = draftOf(now)
  return FIELDS.filter(({ name }) => before[name] !== theirs[name]).map((field) => {
    const { name } = field
    const isDisputed = draft[name] !== before[name] && draft[name] !== theirs[name]
    return { field, before: before[name], theirs: theirs[name], mine: draft[name], isDisputed }
  })
}

/** The draft over what is now there: theirs where nothing was typed here. Disputed fields stay as typed unless theirs is preferred. */
export function mergeDrafts(
  before: Draft,
  draft: Draft,
  now: Settings,
  { preferTheirs }: { readonly preferTheirs: boolean },
): Draft {
  const taken = rivalsOf(before, draft, now).filter(({ isDisputed }) => preferTheirs || !isDisputed)
  return { ...draft, ...Object.fromEntries(taken.map(({ field, theirs }) => [field.name, theirs])) }
}

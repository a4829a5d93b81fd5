/** A form as it is typed, by field. null, where a field can be so: not set, which may be something else than empty. */
export type Draft<Name extends string> = Readonly<Record<Name, string | null>>

/** A field of a form, as far as conflicts are concerned. */
export interface NamedField<Name extends string> {
  readonly name: Name
  readonly label: string
}

/** A field that somebody else changed while a form was open; each as the form writes it. */
export interface Rival<Name extends string = string> {
  readonly field: NamedField<Name>
  readonly before: string | null
  readonly theirs: string | null
  /** What is typed here; the same as `before` where nothing is. */
  readonly mine: string | null
  /** Both changed it, and not to the same. */
  readonly isDisputed: boolean
}

/** Three versions of a form: as it was opened, as it is typed here, and as somebody else saved it. */
export interface Versions<Name extends string> {
  readonly before: Draft<Name>
  readonly mine: Draft<Name>
  readonly theirs: Draft<Name>
}

/** What somebody else changed since a form was opened. */
export function rivalsOf<Name extends string>(
  fields: readonly NamedField<Name>[],
  { before, mine, theirs }: Versions<Name>,
): readonly Rival<Name>[] {
  return fields
    .filter(({ name }) => before[name] !== theirs[name])
    .map((field) => {
      const { name } = field
      const isDisputed = mine[name] !== before[name] && mine[name] !== theirs[name]
      return { field, before: before[name], theirs: theirs[name], mine: mine[name], isDisputed }
    })
}

/** The draft over what is now there: theirs where nothing was typed here. Disputed fields stay as typed unless theirs is preferred. */
export function mergeDrafts<Name extends string>(
  fields: readonly NamedField<Name>[],
  versions: Versions<Name>,
  { preferTheirs }: { readonly preferTheirs: boolean },
): Draft<Name> {
  const taken = rivalsOf(fields, versions).filter(({ isDisputed }) => preferTheirs || !isDisputed)
  return { ...versions.mine, ...Object.fromEntries(taken.map(({ field, theirs }) => [field.name, theirs])) }
}

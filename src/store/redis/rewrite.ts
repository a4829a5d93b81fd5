import type { Apply } from './apply.ts'
import type { Commands } from './commands.ts'
import { unavailable } from './errors.ts'
import type { Write } from './writes.ts'

/** Somebody else changed the record in between, each time. */
const MOST_ATTEMPTS = 50

export interface Rewriting<Found, Wanted> {
  /** Names it, should the attempt be given up. */
  readonly what: string
  readonly read: () => Promise<Found | undefined>
  /** undefined: nothing is to be done. */
  readonly change: (found: Found) => Wanted | undefined
  /** False: somebody came in between, and nothing was written. */
  readonly write: (found: Found, wanted: Wanted) => Promise<boolean>
}

/**
 * Reads a record and writes what `change` makes of it, unless somebody came in between: then all over again. Gives what was decided last;
 * undefined: there is no record, or nothing was to be done.
 */
export async function rewrite<Found, Wanted>({
  what,
  read,
  change,
  write,
}: Rewriting<Found, Wanted>): Promise<Wanted | undefined> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const found = await read()
    const wanted = found === undefined ? undefined : change(found)
    if (found === undefined || wanted === undefined) return undefined
    if (await write(found, wanted)) return wanted
  }
  throw unavailable(`${what} is changed by too many at once`)
}

/** The same of the record in a hash's field. */
export function rewriteField<Wanted extends { readonly writes: readonly Write[] }>(
  { commands, apply }: { readonly commands: Pick<Commands, 'readFields'>; readonly apply: Apply },
  [hash, field]: readonly [hash: string, field: string],
  change: (text: string) => Wanted | undefined,
): Promise<Wanted | undefined> {
  return rewrite({
    what: 'a record',
    read: async () => (await commands.readFields(hash, [field]))[0] ?? undefined,
    change,
    write: (text, { writes }) => apply([['HGET', hash, field, text]], writes),
  })
}

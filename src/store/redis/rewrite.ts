import type { Apply } from './apply.ts'
import type { Commands } from './commands.ts'
import { unavailable } from './errors.ts'
import type { Write } from './writes.ts'

/** Somebody else changed the record in between, each time. */
const MOST_ATTEMPTS = 50

/**
 * Reads the record of a hash's field and carries out what `change` makes of it, unless somebody came in between: then all over again.
 * Gives what was decided last; undefined: there is no record, or nothing was to be done.
 */
export async function rewrite<Wanted extends { readonly writes: readonly Write[] }>(
  { commands, apply }: { readonly commands: Pick<Commands, 'readFields'>; readonly apply: Apply },
  [hash, field]: readonly [hash: string, field: string],
  change: (text: string) => Wanted | undefined,
): Promise<Wanted | undefined> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const [text] = await commands.readFields(hash, [field])
    const wanted = typeof text === 'string' ? change(text) : undefined
    if (wanted === undefined || typeof text !== 'string') return undefined
    if (await apply([['HGET', hash, field, text]], wanted.writes)) return wanted
  }
  throw unavailable('a record is changed by too many at once')
}

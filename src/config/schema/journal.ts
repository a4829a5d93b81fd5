import type { z } from 'zod'
import { bad, good, type Parsed } from '../parsed.ts'
import type { Places } from '../places.ts'
import { duration, group, size, text } from '../schema-parts.ts'
import type { Config } from '../types.ts'

const MOST_BYTES = 64 * 1024 ** 3
const LEAST_BYTES = 1024 ** 2

/** Where usage waits while the store is away. */
export function journal(places: Places): z.ZodOptional<z.ZodType<NonNullable<Config['journal']>>> {
  return group({
    folder: text((given) => resolveJournal(given, places), 'data/journal').meta({
      description: 'Folder of its own, on a local disk; made where it is missing.',
    }),
    believe_for: duration(
      '1h',
      1000,
      'How long tokens are believed after the store was last asked about them.',
    ),
    max_size: size('256MiB', LEAST_BYTES, MOST_BYTES, 'Of all its files; what does not fit is refused.'),
  })
    .transform((given) => ({
      folder: given.folder,
      believeForMs: given.believe_for,
      maxBytes: given.max_size,
    }))
    .optional()
    .meta({ description: 'Where usage waits while the store is away. Default: nowhere.' })
}

function resolveJournal(given: string, places: Places): Parsed<string> {
  if (given === '' || /\p{C}/u.test(given)) return bad('names no folder; write a path like data/journal')
  const folder = places.resolve(given)
  const why = places.whyNotWritable(folder)
  return why === undefined ? good(folder) : bad(`names a folder that can't be used: ${why}`)
}

import type { z } from 'zod'
import { parseDuration } from '../duration.ts'
import { group, setting, type Setting } from '../schema-parts.ts'

const LEAST_MS = 60_000

type Group = z.ZodPrefault<
  z.ZodObject<{ idle_timeout: Setting<number>; max_session: Setting<number> }, z.core.$strict>
>

/** The key `console` of the file. */
export function consoleKeys(): { readonly console: Group } {
  const keys = group({
    idle_timeout: minutes(
      '30m',
      'Whoever signed in to the console and does nothing for so long is signed out.',
    ),
    max_session: minutes('12h', 'Whoever signed in to the console is signed out after so long in any case.'),
  })
  return { console: keys.prefault({}).meta({ description: 'The web console.' }) }
}

function minutes(byDefault: string, description: string): Setting<number> {
  return setting((given) => parseDuration(given, LEAST_MS), byDefault, description)
}

import type { z } from 'zod'
import { duration, group } from '../schema-parts.ts'
import type { Config } from '../types.ts'

const LEAST_MS = 60_000

/** How long somebody stays signed in to the web console. */
export function webConsole(): z.ZodPrefault<z.ZodType<Config['console'], object>> {
  const kept = group({
    idle_timeout: duration(
      '30m',
      LEAST_MS,
      'Whoever signed in to the console and does nothing for so long is signed out.',
    ),
    max_session: duration(
      '12h',
      LEAST_MS,
      'Whoever signed in to the console is signed out after so long in any case.',
    ),
  }).transform((given) => ({ idleMs: given.idle_timeout, maxMs: given.max_session }))
  return kept.prefault({}).meta({ description: 'The web console.' })
}

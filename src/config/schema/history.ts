import { z } from 'zod'
import { choice, flag, group, wholeNumber } from '../schema-parts.ts'
import type { Config } from '../types.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Who used what and when, for reports. */
export function history(): z.ZodPrefault<z.ZodType<Config['history']>> {
  const kept = group({
    enabled: flag(true, 'Whether anything is recorded. history: off says the same in short.'),
    hours: wholeNumber(1, 24 * 366, 8 * 24, 'Hours for which usage is kept hour by hour.'),
    days: wholeNumber(1, 3_660, 400, 'Days for which usage is kept day by day, and packages are remembered.'),
    packages: wholeNumber(1, 1_000_000, 5_000, 'Packages that are remembered of each token.'),
    log_days: wholeNumber(1, 3_660, 30, 'Days for which single downloads are kept.'),
    log_entries: wholeNumber(0, 100_000_000, 200_000, 'Single downloads that are kept of each repository.'),
    addresses: choice(['full', 'network'], { masked: 'network' }).default('full').meta({
      description: 'What is recorded of clients: their addresses, or the /24 (IPv6: /48) they are in.',
    }),
    user_agents: flag(true, 'Whether user agents are recorded.'),
  }).transform((given) => ({
    isRecorded: given.enabled,
    hoursMs: given.hours * HOUR_MS,
    daysMs: given.days * DAY_MS,
    packages: given.packages,
    logMs: given.log_days * DAY_MS,
    logEntries: given.log_entries,
    addresses: given.addresses,
    userAgents: given.user_agents,
  }))
  const isOff = (given: unknown): boolean => given === 'off' || given === false
  const written = z.preprocess((given) => (isOff(given) ? { enabled: false } : given), kept)
  const description = 'Who used what and when, for reports; off: nothing is recorded.'
  // For editors: the word is as good as the group.
  return written.prefault({}).meta({ description, type: ['object', 'string', 'boolean'] })
}

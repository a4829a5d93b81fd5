import type { z } from 'zod'
import { choice, flag, group, wholeNumber } from '../schema-parts.ts'
import type { Config } from '../types.ts'

const LEVEL_SYNONYMS = {
  trace: 'debug',
  warning: 'warn',
  fatal: 'error',
  off: 'silent',
  none: 'silent',
} as const

export function metrics(): z.ZodPrefault<z.ZodType<Config['metrics'], object>> {
  const figures = group({
    max_customers: wholeNumber(
      0,
      100_000,
      1000,
      'Customers with figures of their own; others are summed up.',
    ),
  }).transform((given) => ({ maxCustomers: given.max_customers }))
  return figures.prefault({}).meta({ description: 'Prometheus figures.' })
}

export function log(): z.ZodPrefault<z.ZodType<Config['log'], object>> {
  const written = group({
    level: choice(['debug', 'info', 'warn', 'error', 'silent'], LEVEL_SYNONYMS)
      .default('info')
      .meta({ description: 'The least serious messages that are written.' }),
    access: flag(true, 'A line for each request.'),
  })
  return written.prefault({}).meta({ description: 'The log.' })
}

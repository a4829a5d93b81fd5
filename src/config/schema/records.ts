import { z } from 'zod'
import { compileNetworks } from '../../policy/networks.ts'
import { parseDays } from '../days.ts'
import { bad, good, type Parsed } from '../parsed.ts'
import { flag, group, numberBetween, setting, text, wrongType, type Setting } from '../schema-parts.ts'
import type { Config } from '../types.ts'

const MOST_DAYS_AHEAD = 365
const MOST_EXPIRING = 10

export function audit(): z.ZodPrefault<z.ZodType<Config['audit'], object>> {
  const kept = group({
    keep: days('400d', 'How long the audit log reaches back.'),
  }).transform((given) => ({ keepMs: given.keep }))
  return kept.prefault({}).meta({ description: 'Who changed what through the management API.' })
}

export function events(): z.ZodPrefault<z.ZodType<Config['events'], object>> {
  const told = group({
    expiring_days: z
      .array(numberBetween(1, MOST_DAYS_AHEAD), { error: wrongType('a list of days like [30, 7, 1]') })
      .max(MOST_EXPIRING, `must have at most ${MOST_EXPIRING} entries`)
      .prefault([30, 7, 1])
      .meta({ description: 'So many days before a token expires webhooks are told.' }),
    allowed_networks: z
      .array(text(parseRange, '10.0.0.0/8'), { error: wrongType('a list like [10.0.0.0/8]') })
      .prefault([])
      .meta({
        description: 'Addresses and CIDR ranges that webhooks may lead to although they are not public.',
      }),
    allow_http: flag(false, 'Whether webhooks may lead to http:// URLs.'),
    keep: days('30d', 'How long deliveries that ended are shown.'),
  }).transform((given) => ({
    expiringDays: given.expiring_days,
    allowedNetworks: given.allowed_networks,
    allowsHttp: given.allow_http,
    keepMs: given.keep,
  }))
  return told.prefault({}).meta({ description: 'What webhooks are told, and where they may lead.' })
}

/** A range of addresses, exactly as policy/networks.ts reads it. */
function parseRange(given: string): Parsed<string> {
  const compiled = compileNetworks([given])
  return compiled.ok ? good(given) : bad(compiled.problems[0]?.message ?? 'is no network')
}

function days(byDefault: string, description: string): Setting<number> {
  return setting(parseDays, byDefault, description)
}

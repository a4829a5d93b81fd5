import type { StoredToken } from '../../src/store/contract.ts'

/** The tokens of the management benchmark: what a vendor with a million customers might have. All of it follows from their number. */

export const OWNER = 'acme'
export const REPO = 'deb'

const FIRST = [
  'Alpine',
  'Baltic',
  'Cedar',
  'Delta',
  'Eastern',
  'Falcon',
  'Granite',
  'Harbor',
  'Indigo',
  'Juniper',
  'Kestrel',
  'Lumen',
  'Meridian',
  'Northern',
  'Orbit',
  'Pioneer',
  'Quartz',
  'Redwood',
  'Summit',
  'Tundra',
] as const
const SECOND = [
  'Analytics',
  'Biotech',
  'Capital',
  'Dynamics',
  'Energy',
  'Foods',
  'Games',
  'Health',
  'Insurance',
  'Logistics',
  'Media',
  'Networks',
  'Optics',
  'Pharma',
  'Robotics',
  'Systems',
  'Telecom',
  'Water',
] as const
const LEGAL = ['Ltd', 'GmbH', 'Inc', 'SA', 'BV', 'Oy'] as const

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS

/** Like "Harbor Optics GmbH 417283". */
export function nameOf(number: number): string {
  return `${pick(FIRST, number)} ${pick(SECOND, number * 7)} ${pick(LEGAL, number * 13)} ${number}`
}

export function slugOf(number: number): string {
  return `01K0${String(number).padStart(22, '0')}`
}

/** One in twenty is switched off, one in three has no end, the others end within a year before or after `now`. */
export function fieldsOf(
  number: number,
  now: number,
): Pick<StoredToken, 'isActive' | 'validUntil' | 'limitDownloads' | 'metadata' | 'createdAt'> {
  return {
    isActive: number % 20 !== 0,
    validUntil: number % 3 === 0 ? null : now - YEAR_MS + spread(number, 2 * YEAR_MS),
    limitDownloads: number % 2 === 0 ? 1_000 : null,
    metadata: { customer: number, plan: pick(['trial', 'team', 'business'], number * 3) },
    createdAt: now - 3 * YEAR_MS + spread(number * 31, 3 * YEAR_MS),
  }
}

/** One in ten was used, within the last year. */
export function useOf(
  number: number,
  now: number,
): { readonly downloads: number; readonly lastUsedAt: number } | undefined {
  if (number % 10 !== 0) return undefined
  return { downloads: 1 + (spread(number, 1_000) % 1_000), lastUsedAt: now - spread(number * 17, YEAR_MS) }
}

function pick<Word>(words: readonly Word[], number: number): Word {
  const word = words[spread(number, 1_000_000) % words.length]
  if (word === undefined) throw new Error('no words')
  return word
}

/** A number below `most` that looks like chance. */
function spread(number: number, most: number): number {
  return Math.floor(((Math.imul(number + 1, 0x9e3779b1) >>> 0) / 2 ** 32) * most)
}

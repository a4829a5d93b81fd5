import type { Figure, TokenFilter } from '../policy/search/filter.ts'
import { parseInstant } from './instants.ts'

/** Reads a value as the whole numbers that it stands for, both ends included: a date is a day. undefined: it can't be read. */
type ReadRange = (text: string, now: number) => readonly [first: number, last: number] | undefined

interface Kind {
  readonly read: ReadRange
  readonly example: string
  /** `none` may be asked for. */
  readonly isOptional: boolean
}

const COUNT: Kind = { read: readCount, example: '100', isOptional: false }
const BYTES: Kind = { read: readBytes, example: '500MB', isOptional: false }
const INSTANT: Kind = {
  read: readInstant,
  example: '2030-12-31, 2030-12-31T12:00:00Z, -30d or +2w',
  isOptional: true,
}

const FIGURES: Readonly<Record<Figure, Kind>> = {
  downloads: COUNT,
  clients: COUNT,
  bandwidth_usage: BYTES,
  bandwidth_limit: { ...BYTES, isOptional: true },
  created: { ...INSTANT, isOptional: false },
  expires: INSTANT,
  last_used: INSTANT,
  last_reset: INSTANT,
  limit_date_from: INSTANT,
  limit_date_to: INSTANT,
}

export const FIGURE_FIELDS: readonly Figure[] = Object.keys(FIGURES) as Figure[]

const UNITS = ['', 'k', 'm', 'g', 't', 'p']
const DAY_MS = 86_400_000
const SPANS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  w: 7 * DAY_MS,
}
/** One below what stands for no end. */
const MOST = Number.MAX_SAFE_INTEGER - 1

/** Reads `100`, `>100`, `>=100`, `<100` and `<=100` of a figure, or says what is wrong. */
export function readFigure(figure: Figure, value: string, now: number): TokenFilter | string {
  const { read, example, isOptional } = FIGURES[figure]
  if (value.toLowerCase() === 'none' && isOptional) return { kind: 'absent', figure }
  const [, sign = '', text = ''] = /^(>=|<=|>|<|=)?(.*)$/s.exec(value) ?? []
  const range = read(text, now)
  if (range === undefined) return `this must be like ${example}, with or without >, >=, < or <= before it`
  const [first, last] = range
  const bounds = {
    '>': [last + 1, MOST],
    '>=': [first, MOST],
    '<': [0, first - 1],
    '<=': [0, last],
  }[sign] ?? [first, last]
  const [least = 0, most = 0] = bounds
  // Where never is kept as 0, it is no instant.
  const lowest = read === readInstant ? 1 : 0
  return { kind: 'figure', figure, least: Math.max(lowest, least), most: Math.min(MOST, most) }
}

function readCount(text: string): readonly [number, number] | undefined {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : NaN
  return Number.isSafeInteger(count) ? [count, count] : undefined
}

/** Decimal, as everywhere: a kilobyte has 1000 bytes. */
function readBytes(text: string): readonly [number, number] | undefined {
  const [, digits, unit = ''] = /^(\d{1,16}(?:\.\d{1,3})?)([kmgtp]?)b?$/i.exec(text) ?? []
  const bytes = Math.round(Number(digits) * 1000 ** UNITS.indexOf(unit.toLowerCase()))
  return Number.isSafeInteger(bytes) ? [bytes, bytes] : undefined
}

/** An instant, a day, or how far from now: `-30d` is thirty days ago. */
function readInstant(text: string, now: number): readonly [number, number] | undefined {
  if (text.toLowerCase() === 'now') return [now, now]
  const [, sign, count, span = ''] = /^([+-])(\d{1,5})([mhdw])$/i.exec(text) ?? []
  if (sign !== undefined) {
    const at = now + (sign === '-' ? -1 : 1) * Number(count) * (SPANS[span.toLowerCase()] ?? 0)
    return [at, at]
  }
  const at = parseInstant(text)
  if (at === undefined) return undefined
  return /^\d{4}-\d\d-\d\d$/.test(text) ? [at, at + DAY_MS - 1] : [at, at]
}

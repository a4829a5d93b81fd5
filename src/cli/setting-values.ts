import { InvalidArgumentError } from 'commander'
import { BANDWIDTH_UNITS, type BandwidthUnit } from '../policy/bandwidth.ts'
import { RESET_PERIODS } from '../policy/reset.ts'

/** Reads a whole number from 0. */
export function readCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

export function readObject(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError('It must be a JSON object, like \'{"licence": "A-17"}\'.')
}

/** Reads requests a second. What is too much or too little, the API tells. */
export function readRate(text: string): number {
  if (!/^\d{1,9}(?:\.\d{1,6})?$/.test(text)) {
    throw new InvalidArgumentError('It must be a number of requests a second, like 5 or 0.5.')
  }
  return Number(text)
}

export function readYesNo(text: string): boolean {
  if (text !== 'yes' && text !== 'no') throw new InvalidArgumentError('It must be yes or no.')
  return text === 'yes'
}

const DURATION = /^([1-9]\d{0,8})([smhdw])$/
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** True for what `readDuration` reads. */
export function isDuration(text: string): boolean {
  return DURATION.test(text)
}

/** Reads `45s`, `90m`, `12h`, `30d` or `2w` as seconds. */
export function readDuration(text: string): number {
  const [, count = '', unit = ''] = DURATION.exec(text) ?? []
  const seconds = SECONDS[unit]
  if (seconds === undefined) {
    throw new InvalidArgumentError('It must be a whole number and s, m, h, d or w, like 30d or 12h.')
  }
  return Number(count) * seconds
}

/**
 * The instant that lies a duration such as `7d` after `now` (epoch ms) or before it; undefined where there is none. Other text is an instant
 * already, which the API reads.
 */
export function readInstant(text: string, now: number, where: 'after' | 'before'): string | undefined {
  if (!DURATION.test(text)) return text
  const ms = readDuration(text) * 1_000
  const instant = new Date(where === 'after' ? now + ms : now - ms)
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString()
}

/** Reads one of Cloudsmith's periods, however it is spelt: `monthly`, `every-6-months`, `never`. */
export function readPeriod(text: string): string {
  const asked = lettersOf(text)
  const found = RESET_PERIODS.find((period) => lettersOf(period) === asked)
  if (found !== undefined) return found
  if (asked === 'never') return 'Never Reset'
  const words = RESET_PERIODS.slice(1).map((period) => period.toLowerCase().replaceAll(' ', '-'))
  throw new InvalidArgumentError(`It must be one of ${words.join(', ')} or never.`)
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

const SHORT_UNITS = ['b', 'kb', 'mb', 'gb', 'tb', 'pb', 'eb', 'zb', 'yb']

/** An amount as the API takes it. */
export interface Bandwidth {
  readonly count: number
  readonly unit: BandwidthUnit
}

/** Reads `5GB`, `500 MB` or `1000000` (bytes). Units are decimal, as Cloudsmith counts; their capitals do not matter. */
export function readBandwidth(text: string): Bandwidth {
  const [, count = '', word = ''] = /^(\d{1,16}) ?([a-z]*)$/i.exec(text) ?? []
  const unit = unitOf(word)
  if (count === '' || unit === undefined) {
    throw new InvalidArgumentError('It must be a whole number and B, kB, MB, GB, TB or PB, like 500GB.')
  }
  return { count: Number(count), unit }
}

function unitOf(word: string): BandwidthUnit | undefined {
  const asked = word.toLowerCase()
  const index = asked === '' ? 0 : SHORT_UNITS.indexOf(asked)
  return BANDWIDTH_UNITS[index] ?? BANDWIDTH_UNITS.find((unit) => unit.toLowerCase() === asked)
}

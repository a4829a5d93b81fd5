import { bad, good, quote, type Parsed } from './parsed.ts'

const UNITS = {
  GiB: 1_073_741_824,
  GB: 1_000_000_000,
  MiB: 1_048_576,
  MB: 1_000_000,
  KiB: 1024,
  KB: 1000,
  B: 1,
} as const
const SIZE = /^(\d{1,9})([A-Za-z]{1,3})$/

/** Reads `512B`, `256KB` or `64MiB` as bytes, from `least` to `most`. */
export function parseSize(text: string, least: number, most: number): Parsed<number> {
  const [, count = '', unit = ''] = SIZE.exec(text) ?? []
  if (!isUnit(unit)) {
    return bad(
      `${quote(text)} is not a size; write a whole number and B, KB, MB, GB, KiB, MiB or GiB, like 64MB`,
    )
  }
  const bytes = Number(count) * UNITS[unit]
  if (bytes < least || bytes > most) {
    return bad(`must be between ${formatSize(least)} and ${formatSize(most)}`)
  }
  return good(bytes)
}

/** Writes bytes in the largest unit that is exact. */
export function formatSize(bytes: number): string {
  const [unit, size] = Object.entries(UNITS).find(([, each]) => bytes >= each && bytes % each === 0) ?? [
    'B',
    1,
  ]
  return `${bytes / size}${unit}`
}

function isUnit(text: string): text is keyof typeof UNITS {
  return Object.hasOwn(UNITS, text)
}

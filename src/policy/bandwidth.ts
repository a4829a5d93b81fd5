/** Cloudsmith's units of bandwidth, decimal: a kilobyte has 1000 bytes. */
export type BandwidthUnit =
  | 'Byte'
  | 'Kilobyte'
  | 'Megabyte'
  | 'Gigabyte'
  | 'Terabyte'
  | 'Petabyte'
  | 'Exabyte'
  | 'Zettabyte'
  | 'Yottabyte'

/** From the smallest on; each has a thousand of the one before. */
export const BANDWIDTH_UNITS: readonly BandwidthUnit[] = [
  'Byte',
  'Kilobyte',
  'Megabyte',
  'Gigabyte',
  'Terabyte',
  'Petabyte',
  'Exabyte',
  'Zettabyte',
  'Yottabyte',
]

/** So many bytes are `count` of `unit`. undefined when that can't be counted exactly: above 2⁵³-1, below zero or no whole number. */
export function bytesOf(count: number, unit: BandwidthUnit): number | undefined {
  if (!Number.isSafeInteger(count) || count < 0) return undefined
  const power = BANDWIDTH_UNITS.indexOf(unit)
  const bytes = count * 1000 ** power
  return power !== -1 && Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The limit of a token in bytes. One that can't be counted lets nothing through. null: there is none. */
export function limitBytesOf(limit: {
  readonly limitBandwidth: number | null
  readonly limitBandwidthUnit: BandwidthUnit
}): number | null {
  const { limitBandwidth, limitBandwidthUnit } = limit
  return limitBandwidth === null ? null : (bytesOf(limitBandwidth, limitBandwidthUnit) ?? 0)
}

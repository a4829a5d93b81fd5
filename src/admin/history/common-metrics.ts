import type { DeliveryTotals } from '../../store/contract/history.ts'

/**
 * Cloudsmith's shape of figures over several tokens or packages. Active are those with downloads; average, highest and lowest are over them,
 * the totals over all.
 */
export function commonMetrics(all: readonly DeliveryTotals[]): Record<string, unknown> {
  const active = all.filter(({ downloads }) => downloads > 0)
  const bytes = active.map((each) => each.bytes)
  const downloads = active.map((each) => each.downloads)
  return {
    active: active.length,
    inactive: all.length - active.length,
    total: all.length,
    bandwidth: mapValues(summary(bytes, sum(all.map((each) => each.bytes))), showBytes),
    downloads: mapValues(summary(downloads, sum(downloads)), (value) => ({ value })),
  }
}

interface Summary {
  readonly average: number
  readonly highest: number
  readonly lowest: number
  readonly total: number
}

function summary(values: readonly number[], total: number): Summary {
  if (values.length === 0) return { average: 0, highest: 0, lowest: 0, total }
  const highest = values.reduce((most, each) => Math.max(most, each))
  const lowest = values.reduce((least, each) => Math.min(least, each))
  return { average: Math.round(sum(values) / values.length), highest, lowest, total }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0)
}

function mapValues<Shown>(
  { average, highest, lowest, total }: Summary,
  show: (value: number) => Shown,
): Record<keyof Summary, Shown> {
  return { average: show(average), highest: show(highest), lowest: show(lowest), total: show(total) }
}

function showBytes(value: number): Record<string, unknown> {
  return { display: displayBytes(value), units: 'bytes', value }
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/** `935 B`, `1.2 MB`: decimal, as Cloudsmith counts. */
function displayBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`
}

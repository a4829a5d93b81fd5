const WHOLE = new Intl.NumberFormat('en')
const SHORT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const SIZES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']

/** `1,234,567` */
export function count(value: number): string {
  return WHOLE.format(value)
}

/** `1 download`, `3 downloads` */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${value === 1 ? noun : `${noun}s`}`
}

/** `1.5 GB`: decimal, as limits are. */
export function size(bytes: number): string {
  if (bytes < 1000) return counted(bytes, 'byte')
  const power = Math.min(SIZES.length - 1, Math.floor(Math.log10(bytes) / 3))
  const shown = SHORT.format(bytes / 1000 ** power)
  // 999,999 bytes round to the next unit.
  return shown === '1,000' && power + 1 < SIZES.length ? `1 ${SIZES[power + 1]}` : `${shown} ${SIZES[power]}`
}

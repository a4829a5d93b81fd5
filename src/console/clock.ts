/** The browser's clock, epoch ms. Everything else is given the time. */
export function now(): number {
  return Date.now()
}

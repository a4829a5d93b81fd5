/**
 * True for a target that every server reads alike: decoded once, its path ends in `path`, segment for segment. A front that passes the client's
 * own URL on to the storage gets no other: no `%2f`, no `/./`, no `//`.
 */
export function isSpeltPlainly(target: string, path: string): boolean {
  const [raw = ''] = target.split('?', 1)
  if (/%2f/i.test(raw)) return false
  try {
    const segments = raw.split('/').map(decodeURIComponent)
    const isPlain = !segments.slice(1, -1).includes('') && !segments.includes('.') && !segments.includes('..')
    return isPlain && `/${segments.join('/')}`.endsWith(`/${path}`)
  } catch {
    return false
  }
}

/**
 * `__Host-` makes a browser take the cookie by HTTPS only, and from this very host only (RFC 6265bis §4.1.3.2): no page of a neighbouring
 * name can plant one. Without HTTPS there is no such protection.
 */
const SECURE_NAME = '__Host-postern_session'
const PLAIN_NAME = 'postern_session'

/**
 * Scripts can't read it, and no page of another site makes a browser send it. The path is that of the API, which lies beside the console,
 * not below it.
 */
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict'

export function writeCookie(
  value: string,
  { isSecure, maxAgeMs }: { readonly isSecure: boolean; readonly maxAgeMs: number },
): string {
  const name = isSecure ? SECURE_NAME : PLAIN_NAME
  return `${name}=${value}; Max-Age=${Math.ceil(maxAgeMs / 1000)}; ${ATTRIBUTES}${isSecure ? '; Secure' : ''}`
}

export function clearCookie(isSecure: boolean): string {
  return writeCookie('', { isSecure, maxAgeMs: 0 })
}

/** Values of our cookies in a header `Cookie`: those that only HTTPS can have set come first. */
export function readCookies(header: string | undefined): readonly string[] {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim())
  return [SECURE_NAME, PLAIN_NAME].flatMap((name) =>
    pairs
      .filter((pair) => pair.startsWith(`${name}=`))
      .map((pair) => pair.slice(name.length + 1))
      .filter((value) => value !== ''),
  )
}

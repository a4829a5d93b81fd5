import { bad, good, type Parsed } from './parsed.ts'

/**
 * Reads a plain http or https URL: no credentials, query or fragment. The messages never repeat the text, for it may hold a
 * password.
 */
export function parseHttpUrl(text: string): Parsed<URL> {
  if (/[\s\\\p{C}]/u.test(text)) return bad('has a space, a backslash or a control character in the URL')
  if (!/^https?:\/\//i.test(text)) return bad('must begin with http:// or https://')
  const url = URL.parse(text)
  if (url === null) return bad('is not a URL; write one like https://packages.example.com/')
  if (url.username !== '' || url.password !== '') {
    return bad('has credentials in the URL, which this version does not send; remove them')
  }
  if (/[?#]/.test(text)) return bad('has a query or a fragment; the URL must end with its path')
  return good(url)
}

/** How customers reach the gate, without trailing slashes. */
export function parsePublicUrl(text: string): Parsed<string> {
  const url = parseHttpUrl(text)
  return url.ok ? good(url.value.href.replace(/\/+$/, '')) : url
}

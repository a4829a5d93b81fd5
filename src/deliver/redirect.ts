import { single, type StorageHeaders } from './response-headers.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Where an answer to a question for `asked` sends who asked, when that lies outside `base` (undefined: anywhere): registries keep blobs elsewhere, such as S3.
 * undefined: nowhere outside. An Error: somewhere it must not be followed to, from TLS to none, or with somebody's password.
 */
export function redirectOutside(
  status: number,
  headers: StorageHeaders,
  asked: URL,
  base: URL | undefined,
): URL | Error | undefined {
  const location = REDIRECTS.has(status) ? single(headers, 'location') : undefined
  if (location === undefined || !URL.canParse(location, asked.href)) return undefined
  const target = new URL(location, asked)
  if (target.origin === base?.origin && target.pathname.startsWith(base.pathname)) return undefined
  const isPlain = target.protocol === 'https:' || (target.protocol === 'http:' && asked.protocol === 'http:')
  const isAllowed = isPlain && target.username === '' && target.password === ''
  return isAllowed ? target : new Error('the storage redirects to where it must not be followed')
}

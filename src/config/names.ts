import { RESERVED_SEGMENTS } from '../policy/secret.ts'
import { quote } from './parsed.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const HOST = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/

/** The form of `owner/repo`, for editors. */
export const REPOSITORY_PATTERN: string = '^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$'

/**
 * What is wrong with the name of a repository. An owner must not be named like an entrance (`basic`, `public`, `t` …): a URL
 * whose secret was forgotten, /basic/stable/…, would be read as that entrance, and answer for another repository.
 */
export function whyNoRepository(key: string): string | undefined {
  const [owner = '', repo = '', ...more] = key.split('/')
  if (more.length > 0 || !NAME.test(owner) || !NAME.test(repo)) {
    return `${quote(key)} is not owner/repo; each half begins with a letter or digit and goes on with those, . _ or -`
  }
  if (!RESERVED_SEGMENTS.has(owner.toLowerCase())) return undefined
  return `${quote(owner)} can't be an owner, because /${owner.toLowerCase()}/… has a meaning of its own; choose another`
}

/** What is wrong with a host name, which is read without regard to case. */
export function whyNoHost(key: string): string | undefined {
  if (HOST.test(key.toLowerCase())) return undefined
  if (key.includes('*')) return `${quote(key)} has a *; list each host name`
  if (/:\d+$/.test(key)) return `${quote(key)} has a port; hosts are matched without it`
  return `${quote(key)} is not a host name; write one like packages.example.com`
}

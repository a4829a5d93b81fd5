import { parse as parseBasic } from 'basic-auth'
import { refuse, type Refusal } from '../policy/refusal.ts'
import type { Target } from './target.ts'

/** `scheme credentials`, as Node hands it over: trimmed. */
const WITH_SCHEME = /^(\S+)\s+(\S.*)$/
const SCHEME_ALONE = /^(?:basic|bearer|token)$/i
/** What Homebrew sends to say that it has no credential. */
const HOMEBREW_NOBODY = 'QQ=='

/**
 * The secret of a request, undefined for one to a public entrance, which `isOpen` makes of any. One in the path wins, so that a stray .netrc entry does not
 * break it; else the Authorization header in each form that package clients send it (Basic with the secret as password, or as
 * user with an empty password; Bearer; Token; bare), else X-Api-Key. Never more than one: two lines are refused.
 * `rawHeaders` is Node's flat list of names and values.
 */
export function readCredential(
  target: Target,
  rawHeaders: readonly string[],
  isOpen = false,
): string | undefined | Refusal {
  const authorization = headerValues(rawHeaders, 'authorization')
  const apiKey = headerValues(rawHeaders, 'x-api-key')
  if (authorization.length > 1 || apiKey.length > 1) return refuse('credential_ambiguous')
  if (target.entrance === 'public' || isOpen) return undefined
  if (target.entrance === 'path') return target.secret
  const [value] = authorization
  const secret = (value === undefined ? undefined : fromAuthorization(value)) ?? apiKey[0]
  return secret === undefined || secret === '' ? refuse('credential_missing') : secret
}

/** undefined: nothing in it that could be a secret. */
function fromAuthorization(value: string): string | undefined {
  const parts = WITH_SCHEME.exec(value)
  if (parts === null) return value === '' || SCHEME_ALONE.test(value) ? undefined : value
  const [, scheme = '', rest = ''] = parts
  switch (scheme.toLowerCase()) {
    case 'basic':
      return fromBasic(value)
    case 'bearer':
    case 'token':
      return rest === HOMEBREW_NOBODY ? undefined : rest
    default:
      return undefined
  }
}

/** A user name alone counts unless it is the one that stands for all: `token:` is a script whose variable is not set. */
function fromBasic(value: string): string | undefined {
  const pair = parseBasic(value)
  if (pair === undefined || pair.pass !== '') return pair?.pass
  return pair.name === '' || pair.name === 'token' ? undefined : pair.name
}

function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const header = rawHeaders[i] ?? ''
    if (header.length === name.length && header.toLowerCase() === name)
      values.push((rawHeaders[i + 1] ?? '').trim())
  }
  return values
}

import { RESERVED_SEGMENTS } from '../policy/secret.ts'
import { unusable } from './errors.ts'

/** The part of an explain request that the command line's arguments tell. */
export interface ExplainTarget {
  readonly target: string
  readonly host?: string
  readonly authorization?: string
  /** What may not be printed. */
  readonly secrets: readonly string[]
}

const URL_PARTS = /^https?:\/\/(?:([^/?#]*)@)?([^/?#@]+)([^#]*)/i
/** Entrances that take the secret from a header. */
const WITH_HEADER = /^\/(?:basic|v2)\//

/**
 * The request that a client would send. `place` is `owner/repo/path`, with or without a slash before it, or a URL; the secret is put
 * before its path unless it stands there already, or into a header where the path begins with /basic/. Without a secret `place`
 * has to hold it.
 */
function readExplainTarget(secret: string | undefined, place: string): ExplainTarget {
  const [, userinfo, host, rest] = URL_PARTS.exec(place) ?? []
  const path = encodeOdd(withSlash(host === undefined ? place : (rest ?? '')))
  const credentials = userinfo === undefined ? undefined : readUserinfo(userinfo)
  if (WITH_HEADER.test(path)) {
    const sent = secret === undefined ? credentials : { user: 'token', password: secret }
    return { target: path, ...hostOf(host), ...authorizationOf(sent), secrets: secretsOf(secret, sent) }
  }
  const target = secret === undefined || holds(path, secret) ? path : `/${encodeOdd(secret)}${path}`
  const secrets = secretsOf(secret ?? secretIn(target), credentials)
  return { target, ...hostOf(host), ...authorizationOf(credentials), secrets }
}

interface Credentials {
  readonly user: string
  readonly password: string
}

/** As curl reads it: a user without a password has an empty one. */
function readUserinfo(userinfo: string): Credentials {
  const [user = '', ...password] = userinfo.split(':')
  return { user: decode(user), password: decode(password.join(':')) }
}

function hostOf(host: string | undefined): Pick<ExplainTarget, 'host'> {
  return host === undefined ? {} : { host }
}

function authorizationOf(credentials: Credentials | undefined): Pick<ExplainTarget, 'authorization'> {
  if (credentials === undefined) return {}
  const pair = `${credentials.user}:${credentials.password}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

function secretsOf(secret: string | undefined, credentials: Credentials | undefined): string[] {
  const given = [secret, credentials?.password || credentials?.user].filter((each) => each !== undefined)
  // A pasted space stands encoded in the target.
  return given.flatMap((each) => [each, encodeOdd(each)])
}

/** Reads `SECRET PATH`, or one argument that holds both. */
export function readArguments(first: string, second: string | undefined): ExplainTarget {
  if (second !== undefined) return readExplainTarget(first, second)
  if (first.startsWith('/') || URL_PARTS.test(first)) return readExplainTarget(undefined, first)
  throw unusable('PATH is missing: postern explain SECRET owner/repo/path, or a URL that holds the secret.')
}

function holds(path: string, secret: string): boolean {
  if (path.startsWith('/public/')) return true
  return path.startsWith(`/${encodeOdd(secret)}/`) || path.startsWith(`/t/${encodeOdd(secret)}/`)
}

function secretIn(target: string): string | undefined {
  const [, first = '', second] = target.split('/')
  if (first === 't') return second
  return RESERVED_SEGMENTS.has(first) ? undefined : first
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

/** What no client sends as it is, encoded as clients do. Everything else stays: its spelling is judged. */
function encodeOdd(text: string): string {
  return text.toWellFormed().replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

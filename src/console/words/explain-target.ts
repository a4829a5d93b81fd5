/** A request as somebody describes it: pasted, or put together. */
export interface Asked {
  /** A URL, or a path with or without a slash before it. May hold the secret, which is taken out. */
  readonly address: string
  /** Empty: there is none beside the address. */
  readonly secret: string
}

/** The parts of a request for the API's explain. */
export interface ExplainTarget {
  readonly target: string
  readonly host?: string
  readonly authorization?: string
}

const URL_PARTS = /^(https?:\/\/)(?:([^/?#]*)@)?([^/?#@]+)([^#]*)/i
/** Entrances that take the secret from a header, or need none. */
const WITHOUT_SECRET = /^\/(?:basic|v2|public)\//
/** A path that begins with a secret has its repository behind that. */
const SECRET_IN_PATH = /^\/(?:t\/)?([^/]+)(\/[^/]+\/[^/]+\/.*)$/

/**
 * The same with the secret out of the address, where nobody looks over a shoulder at it. `places`: names of repositories, `owner/repo`. What is
 * not understood stays as it is.
 */
export function takeSecretOut({ address, secret }: Asked, places: readonly string[]): Asked {
  const text = address.trim()
  const [, scheme = '', userinfo, host = '', rest = ''] = URL_PARTS.exec(text) ?? []
  const path = scheme === '' ? withSlash(text) : rest
  const sent = userinfo === undefined ? undefined : passwordIn(userinfo)
  if (sent !== undefined) return { address: scheme + host + path, secret: sent }
  const [, found, behind] = SECRET_IN_PATH.exec(path) ?? []
  const isPlace = places.some((place) => path.startsWith(`/${place}/`))
  const typed = secret.trim()
  const isOther = typed !== '' && typed !== found
  if (found === undefined || behind === undefined || isPlace || isOther || WITHOUT_SECRET.test(path)) {
    return { address: text, secret: typed }
  }
  return { address: scheme + host + behind, secret: decode(found) }
}

/** The request that a client would send. The secret goes before the path, or into a header where the path begins with /basic/ or /v2/. */
export function explainTarget({ address, secret }: Asked): ExplainTarget {
  const [, , , host, rest = ''] = URL_PARTS.exec(address) ?? []
  const path = encodeOdd(withSlash(host === undefined ? address : rest))
  const hosted = host === undefined ? {} : { host }
  if (secret === '') return { target: path, ...hosted }
  if (/^\/(?:basic|v2)\//.test(path)) {
    return { target: path, ...hosted, authorization: `Basic ${base64(`token:${secret}`)}` }
  }
  const target = path.startsWith('/public/') ? path : `/${encodeOdd(secret)}${path}`
  return { target, ...hosted }
}

/** Shorter ones are no secrets, and hiding them would make holes in words. */
const SHORTEST_SECRET = 8

/** A text without the secret: of that its first characters stay, enough to tell which one it was. */
export function maskSecret(text: string, secret: string): string {
  const shown = `${secret.slice(0, Math.min(6, Math.floor(secret.length / 5)))}…`
  return [secret, encodeOdd(secret)]
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .reduce((masked, each) => masked.replaceAll(each, () => shown), text)
}

/** As curl reads it: some clients send the secret as the user, without a password. */
function passwordIn(userinfo: string): string {
  const [user = '', ...password] = userinfo.split(':')
  return decode(password.join(':') || user)
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

/** What no client sends as it is, encoded as clients do. Everything else stays: its spelling is judged. */
function encodeOdd(text: string): string {
  return text.toWellFormed().replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent)
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

import type { Target } from './target.ts'

/** How the page of a repository is shown: to a person, or to a program. */
export type PageView = 'html' | 'json'

/** What a request says of whoever sends it. */
export interface Asker {
  readonly accept?: string | undefined
  readonly userAgent?: string | undefined
}

/**
 * Whether the page about a repository is asked for, at its root: by `?format=html` or `?format=json`, or by the headers of a browser or of a
 * program that wants JSON before all else. undefined: it is not, and whatever the storage has there is. Looks at nothing but the request, so
 * that who has no token learns nothing of which repositories there are.
 */
export function findPageView(target: Target, { accept = '', userAgent = '' }: Asker): PageView | undefined {
  const { entrance, path, query, isGreeting, isDiscovery } = target
  if (path !== '' || entrance === 'v2' || isGreeting || isDiscovery === true) return undefined
  if (query === 'format=html') return 'html'
  if (query === 'format=json') return 'json'
  return query === '' && accept !== '' ? viewOf(accept, userAgent) : undefined
}

/** Clients of packages that ask for HTML too: pip asks for nothing else where it looks for links. */
const NO_BROWSER =
  /\b(?:pip|setuptools|python|poetry|pdm|pex|uv|java|maven|gradle|ivy|coursier|artifactory|nexus|devpi)\b/i

function viewOf(accept: string, userAgent: string): PageView | undefined {
  const wanted = qualities(accept)
  // What Java sends of itself names HTML first; no browser knows such a range.
  if (wanted.has('*')) return undefined
  const best = Math.max(...wanted.values())
  const isBest = (type: string): boolean => best > 0 && wanted.get(type) === best
  if (isBest('text/html')) return NO_BROWSER.test(userAgent) ? undefined : 'html'
  return isBest('application/json') && !isBest('*/*') ? 'json' : undefined
}

/** Each media range with its quality (RFC 9110 §12.5.1); one that says nothing of it has 1, one that is odd 0. */
function qualities(accept: string): ReadonlyMap<string, number> {
  const ranges = new Map<string, number>()
  for (const range of accept.split(',', MOST_RANGES)) {
    const [type = '', ...parameters] = range.split(';')
    const given = parameters.map(qualityIn).find(isText)
    const quality = given === undefined ? 1 : Number(given)
    ranges.set(type.trim().toLowerCase(), quality >= 0 && quality <= 1 ? quality : 0)
  }
  return ranges
}

const MOST_RANGES = 32

/** Cut at its sign and trimmed: a pattern that looks for the blanks at the end begins anew at each blank (an attack on whoever asks). */
function qualityIn(parameter: string): string | undefined {
  const at = parameter.indexOf('=')
  const name = parameter.slice(0, Math.max(0, at))
  return name.trim().toLowerCase() === 'q' ? parameter.slice(at + 1).trim() : undefined
}

function isText(given: string | undefined): given is string {
  return given !== undefined
}

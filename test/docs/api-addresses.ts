import { allRoutes } from '../../src/admin/all-routes.ts'
import type { AdminOptions } from '../../src/admin/app.ts'
import { WHOLE_OWNER } from '../../src/policy/owner-level.ts'

/** An address of the management API that a text names. */
export interface Mention {
  /** undefined: the text names none. */
  readonly method: string | undefined
  /** Without a query. Begins with `…` where the text leaves out what comes before. */
  readonly path: string
}

interface Offer {
  readonly segments: readonly string[]
  readonly methods: ReadonlySet<string>
}

const ROUTES = allRoutes({} as AdminOptions)

/** What is offered, HEAD where GET is. */
const OFFERS: readonly Offer[] = ROUTES.flatMap((route) => {
  if ('notOffered' in route) return []
  const methods = 'open' in route ? ['GET'] : Object.keys(route.methods)
  const all = methods.includes('GET') ? [...methods, 'HEAD'] : methods
  return [{ segments: segmentsOf(route.path), methods: new Set(all) }]
})

/** Why some of Cloudsmith's paths lead nowhere. */
export const EXCUSES: readonly string[] = ROUTES.flatMap((route) =>
  'notOffered' in route ? [route.notOffered] : [],
)

/** First segments of the API's paths: so addresses of the gate are told from them. */
export const ROOTS: ReadonlySet<string> = new Set(OFFERS.map(({ segments }) => segments[0] ?? ''))

/** Words that paths are made of: no owner, repository or id is meant by one of them. */
const WORDS: ReadonlySet<string> = new Set(
  OFFERS.flatMap(({ segments }) => segments.filter((each) => !each.startsWith(':'))),
)

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/** True for what stands for a name or an id: `{owner}`, `OWNER`, `$ID`, `…`. */
function isPlaceholder(segment: string): boolean {
  return /^(?:\{\w+\}|[A-Z][A-Z_]*|\$\{?\w+\}?|…)$/.test(segment)
}

function fits(offered: string, named: string): boolean {
  if (!offered.startsWith(':')) return offered === named
  return isPlaceholder(named) || !WORDS.has(named)
}

/** Tokens of an owner: the repository is left out (src/admin/owner-paths.ts). */
const OF_OWNER = /^(?:ID|\{slug_perm\}|\$ID|bulk|export|[0-7][0-9A-HJKMNP-TV-Z]{25})$/

/** The ways to read the path: as it stands, and as that of a token of an owner. */
function readings(path: string): readonly (readonly string[])[] {
  const all = segmentsOf(path)
  const segments = all[0] === 'v1' ? all.slice(1) : all
  const [root, owner = '', third = ''] = segments
  if (root !== 'entitlements' || !OF_OWNER.test(third)) return [segments]
  return [[root, owner, WHOLE_OWNER, ...segments.slice(2)]]
}

/** True when the API answers there, to the method if one is named. */
export function isOffered({ method, path }: Mention): boolean {
  const isTail = path.startsWith('…')
  // Nothing but words tells one end from another.
  const fitsHere = isTail ? (each: string, named: string): boolean => each === named : fits
  return readings(path.replace(/^…/, '')).some((named) =>
    OFFERS.some(({ segments, methods }) => {
      if (method !== undefined && !methods.has(method)) return false
      const compared = isTail ? segments.slice(-named.length) : segments
      return compared.length === named.length && compared.every((each, at) => fitsHere(each, named[at] ?? ''))
    }),
  )
}

const METHODS = 'GET|HEAD|POST|PUT|PATCH|DELETE'
const IN_PROSE = new RegExp(
  String.raw`(?<![\w}.…/:~-])(?:(${METHODS}) )?((?:…)?\/(?!\d+\b)(?:[\w{}$*-][\w{}$*.-]*|\.\w+|…)(?:\/(?:[\w{}$*.-]+|…))*\/?)`,
  'gu',
)

/** Paths from the root, or their ends behind a method, in a text. */
export function mentionsIn(text: string): readonly Mention[] {
  return Array.from(text.matchAll(IN_PROSE), ([, method, path = '']) => ({
    method,
    path: path.replace(/\.+$/, ''),
  }))
}

const API_URL = /(?:\$\{?(?:POSTERN_)?API\}?|https?:\/\/(?:127\.0\.0\.1|localhost):808[12])(\/[^\s"'?]*)/g

/** What the lines of curl in the blocks of a page ask the management API. */
export function curlMentions(markdown: string): readonly Mention[] {
  const blocks = Array.from(markdown.matchAll(/^```\w*\n([^]*?)^```/gm), ([, block = '']) => block)
  const commands = blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, ' ').split('\n'))
  return commands
    .filter((command) => /(?:^|[\s|(])curl\s/.test(command))
    .flatMap((command) => {
      const method = methodOf(command)
      return Array.from(command.matchAll(API_URL), ([, path = '']) => ({ method, path }))
    })
}

function methodOf(command: string): string {
  const [, named] = /\s(?:-X|--request)[ =]?(\w+)/.exec(command) ?? []
  if (named !== undefined) return named
  if (/\s(?:-d|--data[\w-]*|--json|-F|--form)[\s=]/.test(command)) return 'POST'
  return /\s(?:-I|--head)\s/.test(command) ? 'HEAD' : 'GET'
}

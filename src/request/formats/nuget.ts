import { nugetOrder } from '../../policy/versions/nuget.ts'
import { createRecognizer, formatRules, hasFileEnd, type Finding, type FormatRules } from './contract.ts'
import { cutLast } from './cut.ts'
import { findInNugetFeed } from './nuget-feed.ts'
import { describeNuget } from './nuget-name.ts'

/**
 * Recognizes the paths of a NuGet server (NuGet documentation, "Server API"; for version 2, "OData"). The resources of version 3 may lie in any
 * folder, and are told by what stands at the end of a path. Names are given in small letters, versions normalized.
 */
export const nuget: FormatRules = formatRules(
  createRecognizer('nuget', find, {
    isCalledLikeFile: (path) =>
      hasFileEnd(path) || /(?:^|\/)v2\//i.test(path) || find(path.toLowerCase())?.kind === 'package',
  }),
)

function find(path: string): Finding | undefined {
  const segments = path.split('/')
  if (path === 'index.json' || path === 'v3/index.json') return { kind: 'metadata' }
  if (/^(?:api\/)?v2(?:\/|$)/.test(path)) return findInNugetFeed(segments.slice(segments.indexOf('v2') + 1))
  if (segments.some((segment) => segment === '')) return undefined
  return findCommon(path) ?? findContent(segments) ?? findRegistration(segments)
}

/** What belongs to no package: search, and certificates of those who sign. */
function findCommon(path: string): Finding | undefined {
  if (/(?:^|\/)(?:query|search|autocomplete)$/.test(path)) return { kind: 'listing' }
  if (/(?:^|\/)repository-signatures\/(?:[0-9.]+\/)?index\.json$/.test(path)) return { kind: 'metadata' }
  return /(?:^|\/)certificates\/[A-Za-z0-9.-]+\.crt$/.test(path) ? { kind: 'key' } : undefined
}

const ENDS: ReadonlyMap<string, Finding['kind']> = new Map([
  ['nupkg', 'package'],
  ['snupkg', 'package'],
  ['nupkg.sha512', 'checksum'],
])
const DESCRIPTIONS: ReadonlySet<string> = new Set(['icon', 'readme', 'license'])

/** `ID/VERSION/ID.VERSION.nupkg`, and what lies beside it. */
function findContent(segments: readonly string[]): Finding | undefined {
  const [id = '', written = '', filename = ''] = segments.slice(-3)
  const described = describeNuget(id, written)
  if (described === undefined) return undefined
  if (DESCRIPTIONS.has(filename)) return described
  if (filename.toLowerCase() === `${id.toLowerCase()}.nuspec`)
    return filename.endsWith('.nuspec') ? described : undefined
  const stem = `${id}.${written}.`
  const kind =
    filename.slice(0, stem.length).toLowerCase() === stem.toLowerCase()
      ? ENDS.get(filename.slice(stem.length))
      : undefined
  return kind && { ...described, kind }
}

/** `ID/index.json`, `ID/VERSION.json`, `ID/page/LOWEST/HIGHEST.json`. The first is also the list of versions beside packages. */
function findRegistration(segments: readonly string[]): Finding | undefined {
  const [stem, end] = cutLast(segments.at(-1) ?? '', '.')
  if (end !== 'json') return undefined
  const [page, lowest = ''] = segments.slice(-3)
  const isPage = page === 'page' && isVersion(lowest) && isVersion(stem)
  const id = segments.at(isPage ? -4 : -2) ?? ''
  if (isPage || stem === 'index') return describeNuget(id)
  return describeNuget(id, stem)
}

function isVersion(text: string): boolean {
  return nugetOrder.parse(text) !== undefined
}

import { COMMON_FORM } from '../../policy/refusal.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the files of a Composer repository (Composer's manual, "Repositories", `composer`). Archives lie wherever a repository wants, most
 * of them where nothing tells the version; so the documents name them by paths of the gate (deliver/rewrite/composer-place.ts), which do. What lies
 * elsewhere is unknown.
 */
export const composer: FormatRules = formatRules(createRecognizer('composer', findFile), {
  // Composer looks for what it prints in nothing else.
  answers: { ...COMMON_FORM, body: 'json' },
})

/** composer-schema.json, `name`. */
const NAME = '(?<name>[a-z0-9]+(?:[_.-][a-z0-9]+)*/[a-z0-9]+(?:(?:[_.]|-{1,2})[a-z0-9]+)*)'
const DOCUMENT = new RegExp(`^p2/${NAME}(?:~dev)?\\.json$`)
const ARCHIVE = new RegExp(`^-/${NAME}/(?<version>.+)/[^/]+\\.[A-Za-z0-9]+$`, 's')
/** Name other packages than was asked for. */
const LISTINGS: ReadonlySet<string> = new Set(['search.json', 'list.json', 'packages/list.json'])

function findFile(path: string): Finding | undefined {
  if (path === 'packages.json') return { kind: 'metadata' }
  if (LISTINGS.has(path)) return { kind: 'listing' }
  const named = DOCUMENT.exec(path)?.groups
  if (named !== undefined) return { kind: 'metadata', name: named['name'] ?? '' }
  const { name, version } = ARCHIVE.exec(path)?.groups ?? {}
  return name === undefined || version === undefined ? undefined : { kind: 'package', name, version }
}

import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the paths of a Conan server, revisions (Conan 2's REST API, `/v2`). Recipes are free and belong to their package: Conan reads them of
 * everything that a build needs. Binaries and sources are what is charged. A package of a user and channel is called `USER/CHANNEL/NAME`.
 */
export const conan: FormatRules = formatRules(
  // No path of the API ends in a slash.
  createRecognizer('conan', findFile, { isCalledLikeFile: () => true }),
  {
    takesQuery: ({ path }) => /(?:^|\/)search$/.test(path),
    answersLogin: ({ path }) => LOGINS.get(path),
  },
)

/** A token is asked for with a password, and then tried out. */
const LOGINS: ReadonlyMap<string, 'secret' | 'name'> = new Map([
  ['v2/users/authenticate', 'secret'],
  ['v2/users/check_credentials', 'name'],
])
const SERVER = /^v[12]\/(?:ping|users\/(?:authenticate|check_credentials))$/
const SEARCH = /^v2\/conans\/search$/
const ITEM = '[A-Za-z0-9_][A-Za-z0-9_+.-]*'
const REVISION = '[0-9A-Za-z]+'
const REFERENCE = new RegExp(
  `^v2/conans/(?<name>${ITEM})/(?<version>${ITEM})/(?<user>${ITEM})/(?<channel>${ITEM})/(?<rest>.+)$`,
)
const BINARY = `packages/${REVISION}`
const ENDPOINT = new RegExp(
  `^(?:search|latest|revisions|revisions/${REVISION}/(?:search|files|${BINARY}/(?:latest|revisions|revisions/${REVISION}/files)))$`,
)
const FILE = new RegExp(`^revisions/${REVISION}/(?:${BINARY}/revisions/${REVISION}/)?files/(?<file>[^/]+)$`)
const PACKED = /^conan_(?:package|sources)\.(?:tgz|txz|tzst)$/
const RECIPE = /^(?:conanfile\.py|conanmanifest\.txt|conaninfo\.txt|conan_export\.(?:tgz|txz|tzst))$/

function findFile(path: string): Finding | undefined {
  if (SERVER.test(path)) return { kind: 'metadata' }
  if (SEARCH.test(path)) return { kind: 'listing' }
  const { name = '', version = '', user, channel, rest } = REFERENCE.exec(path)?.groups ?? {}
  const kind = rest === undefined ? undefined : kindOf(rest)
  // What Windows would read as another path.
  if (kind === undefined || [name, version, user, channel].some((part) => part?.endsWith('.')))
    return undefined
  const isCommon = user === '_' && channel === '_'
  return { kind, name: isCommon ? name : `${user}/${channel}/${name}`, version }
}

function kindOf(rest: string): Finding['kind'] | undefined {
  if (ENDPOINT.test(rest)) return 'metadata'
  const file = FILE.exec(rest)?.groups?.['file'] ?? ''
  if (PACKED.test(file)) return 'package'
  return RECIPE.test(file) ? 'metadata' : undefined
}

import { withCompanions } from './companion.ts'
import { createRecognizer, formatRules, hasFileEnd, type Finding, type FormatRules } from './contract.ts'
import { lastSegment } from './cut.ts'

/**
 * Recognizes the files of a Maven repository (Maven's "Repository Layout", default). A name is `group:artifact`. Models of projects (`.pom`,
 * Gradle's `.module`) are free: clients read them of everything that a build merely mentions, and there is nothing in them to run. All other
 * files of a version are packages, those with a classifier (`sources`, `javadoc`) too.
 */
export const maven: FormatRules = formatRules(
  // Signatures have checksums of their own.
  createRecognizer('maven', withCompanions(withCompanions(findFile)), {
    isCalledLikeFile: (path) => hasFileEnd(path) || isCalledLikePackage(path.toLowerCase()),
  }),
)

function isCalledLikePackage(path: string): boolean {
  return findFile(path, lastSegment(path)) !== undefined
}

/** Name other packages than was asked for. */
const LISTINGS =
  /^(?:archetype-catalog\.xml|\.meta\/prefixes\.txt|\.index\/nexus-maven-repository-index[A-Za-z0-9.-]*)$/
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/
const SNAPSHOT = '-SNAPSHOT'

function findFile(path: string, filename: string): Finding | undefined {
  if (LISTINGS.test(path)) return { kind: 'listing' }
  const folders = path.split('/').slice(0, -1)
  if (!folders.every((folder) => SEGMENT.test(folder))) return undefined
  if (filename === 'maven-metadata.xml') return findMetadata(folders)
  const [version = '', artifact = ''] = [folders.at(-1), folders.at(-2)]
  const group = folders.slice(0, -2).join('.')
  const end = group === '' ? undefined : endOf(filename, artifact, version)
  return end === undefined ? undefined : { kind: kindOf(end), name: `${group}:${artifact}`, version }
}

/** Of an artifact, or of one snapshot. What lies directly in the first folder lists the plugins of a group. */
function findMetadata(folders: readonly string[]): Finding | undefined {
  const version = folders.at(-1)?.endsWith(SNAPSHOT) === true ? folders.at(-1) : undefined
  const named = version === undefined ? folders : folders.slice(0, -1)
  const [group, artifact] = [named.slice(0, -1).join('.'), named.at(-1)]
  if (group === '' || artifact === undefined) return { kind: 'listing' }
  const name = `${group}:${artifact}`
  return version === undefined ? { kind: 'metadata', name } : { kind: 'metadata', name, version }
}

const STAMP = /^[0-9]{8}\.[0-9]{6}-[0-9]+/
const END = /^[.-][A-Za-z0-9_.+-]+$/

/**
 * What follows `ARTIFACT-VERSION` in a file name: `.jar`, `-sources.jar`. For a snapshot the version in the name may be that of its folder,
 * or have a time in place of `SNAPSHOT`.
 */
function endOf(filename: string, artifact: string, version: string): string | undefined {
  if (artifact === '' || !filename.startsWith(`${artifact}-`)) return undefined
  const rest = filename.slice(artifact.length + 1)
  const end = rest.startsWith(version) ? rest.slice(version.length) : endOfSnapshot(rest, version)
  const isEnd = end !== undefined && END.test(end) && /\.[A-Za-z0-9]+$/.test(end)
  return isEnd && version !== '' ? end : undefined
}

function endOfSnapshot(rest: string, version: string): string | undefined {
  const base = version.slice(0, -SNAPSHOT.length + 1)
  if (!version.endsWith(SNAPSHOT) || !rest.startsWith(base)) return undefined
  const stamp = STAMP.exec(rest.slice(base.length))?.[0]
  return stamp === undefined ? undefined : rest.slice(base.length + stamp.length)
}

/** Maven 4 publishes the model that was built with, as `-build.pom`, beside the one for consumers. */
function kindOf(end: string): Finding['kind'] {
  return end === '.pom' || end === '-build.pom' || end === '.module' ? 'metadata' : 'package'
}

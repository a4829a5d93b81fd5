import type { FileListing } from '../../deliver/list-files.ts'
import type { Artifact, Token } from '../../policy/types.ts'
import type { HistoryStore, PackageUse } from '../../store/contract/history.ts'
import type { Served } from '../routes.ts'

/** A package as the page names it. */
export interface KnownPackage {
  /** Empty where it can't be told, like the version. */
  readonly name: string
  readonly version: string
  readonly filename: string
  /** Where it lies below the repository; undefined: nobody noted it. */
  readonly path: string | undefined
}

/** The packages of a repository that can be told to whoever sees the page. */
export interface KnownPackages {
  /**
   * From where they are known: the storage itself; what anybody downloaded; or only what this very token did, where nothing but a delivery
   * could tell what it may fetch.
   */
  readonly source: 'storage' | 'downloads' | 'own_downloads'
  readonly packages: readonly KnownPackage[]
  /** There are more than are named, or may be. */
  readonly isCut: boolean
}

/** Packages that are named. */
export const MOST_NAMED = 200
/** Of what there is, so many are sorted: the page must keep nobody's download waiting. */
const MOST_LOOKED_AT = 1_000

interface Sources {
  readonly history: Pick<HistoryStore, 'packages'>
  readonly served: Served
  /** undefined: of a public repository, which everybody may read. */
  readonly token: Token | undefined
}

/** Never names what the token may not fetch. Rejects with a StoreError when only the store could tell, and does not. */
export async function findPackages({ history, served, token }: Sources): Promise<KnownPackages> {
  const listing = await served.listFiles?.()
  if (listing !== undefined) return cut('storage', fromStorage(listing, served, token), !listing.isWhole)
  const { owner, repo } = served.repository
  const repository = `${owner}/${repo}`
  const isOwn = token !== undefined && !canTellFromName(token)
  const of = isOwn ? { token: token.record.slugPerm, repository } : { repository }
  const { total, packages } = await history.packages({ of, search: '', page: 1, pageSize: MOST_LOOKED_AT })
  const found = packages.filter(
    (each) => each.repository === repository && mayFetch(each, served, token, isOwn),
  )
  const source = isOwn ? 'own_downloads' : 'downloads'
  return cut(source, found.map(asKnown), total > packages.length)
}

/** Whether the name and version of a package are enough to know that it may be fetched. */
function canTellFromName({ record, judgesPaths }: Token): boolean {
  return record.publishedUntil === null && !judgesPaths
}

function mayFetch(
  { format, name, version, filename }: PackageUse,
  { repository: { owner, repo } }: Served,
  token: Token | undefined,
  isOwn: boolean,
): boolean {
  if (token === undefined || (isOwn && token.judgesPaths)) return true
  const artifact: Artifact = {
    format,
    kind: name === '' ? 'unknown' : 'package',
    path: filename,
    filename,
    ...(name === '' ? {} : { name }),
    ...(version === '' ? {} : { version }),
  }
  return token.coversEverything || token.covers(artifact, owner, repo)
}

function asKnown({ name, version, filename }: PackageUse): KnownPackage {
  return { name, version, filename, path: undefined }
}

function fromStorage(
  { files }: FileListing,
  { rules, repository: { owner, repo } }: Served,
  token: Token | undefined,
): KnownPackage[] {
  const until = token?.record.publishedUntil ?? Infinity
  return files.flatMap(({ path, modifiedAt }) => {
    const artifact = rules.recognize(path)
    const isServed = artifact.kind === 'package' && !rules.leavesGate(artifact) && !rules.isHidden(artifact)
    if (!isServed || modifiedAt > until || token?.covers(artifact, owner, repo) === false) return []
    const { name = '', version = '', filename } = artifact
    return [{ name, version, filename, path }]
  })
}

function cut(
  source: KnownPackages['source'],
  found: readonly KnownPackage[],
  isPart: boolean,
): KnownPackages {
  const sorted = found
    .slice(0, MOST_LOOKED_AT)
    .toSorted(
      (a, b) => compare(a.name, b.name) || compare(a.version, b.version) || compare(a.filename, b.filename),
    )
  return {
    source,
    packages: sorted.slice(0, MOST_NAMED),
    isCut: isPart || found.length > MOST_NAMED,
  }
}

const { compare } = new Intl.Collator('en', { numeric: true })

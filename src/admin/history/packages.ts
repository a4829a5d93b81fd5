import { hash } from 'node:crypto'
import type { Downloader, PackageName, PackageUse } from '../../store/contract/history.ts'
import { json, type Answer } from '../answer.ts'
import { formatInstant } from '../instants.ts'
import type { AdminOptions } from '../options.ts'
import { pageHeaders, pageUrls, readPage } from '../pagination.ts'
import type { Place } from '../places.ts'
import type { Call } from '../routes.ts'
import { readSearch } from '../search.ts'

const PAGE_SIZE = 500

/** The packages of a repository, as far as somebody with a token downloaded them. */
export async function listPackages(
  options: AdminOptions,
  call: Call,
  { owner, repo }: Place,
): Promise<Answer> {
  const page = readPage(call.query)
  const search = readSearch(call)
  const of = { repository: `${owner}/${repo}` }
  const { total, packages } = await options.store.history.packages({ of, search, ...page })
  const shown = packages.map((each) => ({
    ...renderPackage(each),
    namespace: owner,
    repository: repo,
    status_str: 'Completed',
  }))
  const urls = pageUrls(call, `packages/${owner}/${repo}`, page, ['query'])
  return json(200, shown, pageHeaders(page, total, urls))
}

/** A package of a repository as Cloudsmith names its fields, where it has them. */
export function renderPackage(each: PackageUse): Record<string, unknown> {
  const { repository, format, name, version, filename, downloads, bytes, firstAt, lastAt } = each
  return {
    name: name || filename,
    version,
    format,
    filename,
    slug_perm: idOfPackage(repository, each),
    repository,
    downloads,
    bandwidth: bytes,
    first_downloaded_at: formatInstant(firstAt),
    last_downloaded_at: formatInstant(lastAt),
  }
}

/** What a package is called in URLs: it follows from what it is. */
export function idOfPackage(repository: string, { name, version, filename }: PackageName): string {
  return hash('sha256', JSON.stringify([repository, name, version, filename])).slice(0, 24)
}

/** All packages of a repository. */
export async function allPackages(
  { store }: AdminOptions,
  repository: string,
): Promise<readonly PackageUse[]> {
  const all: PackageUse[] = []
  for (let page = 1; ; page++) {
    const query = { of: { repository }, search: '', page, pageSize: PAGE_SIZE }
    const { total, packages } = await store.history.packages(query)
    all.push(...packages)
    if (packages.length === 0 || page * PAGE_SIZE >= total) return all
  }
}

/** Who downloaded a package, in a version or in any. */
export async function listDownloaders(
  options: AdminOptions,
  call: Call,
  { owner, repo }: Place,
): Promise<Answer> {
  const page = readPage(call.query)
  const [name, version] = [call.param('name'), call.query('version') || null]
  const repository = `${owner}/${repo}`
  const { total, downloaders } = await options.store.history.downloaders({
    repository,
    name,
    version,
    ...page,
  })
  const path = `usage/${owner}/${repo}/packages/${encodeURIComponent(name)}`
  return json(
    200,
    downloaders.map(renderDownloader),
    pageHeaders(page, total, pageUrls(call, path, page, ['version'])),
  )
}

function renderDownloader(each: Downloader): Record<string, unknown> {
  return {
    token: each.token,
    token_name: each.tokenName,
    version: each.version,
    filename: each.filename,
    downloads: each.downloads,
    bandwidth: each.bytes,
    first_downloaded_at: formatInstant(each.firstAt),
    last_downloaded_at: formatInstant(each.lastAt),
  }
}

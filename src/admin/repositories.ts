import type { Repository } from '../policy/types.ts'
import { json, type Answer } from './answer.ts'
import { notFound } from './errors.ts'
import type { AdminOptions } from './options.ts'
import { pageHeaders, pageUrls, readPage } from './pagination.ts'
import { inRepository } from './places.ts'
import type { Call, Operation, Route } from './routes.ts'

/** The repositories of the configuration, as far as the key covers them, in Cloudsmith's form. */
export function repositoryRoutes(options: AdminOptions): readonly Route[] {
  const list: Operation = {
    needs: { can: 'repositories:read', where: 'covered' },
    handle: (call) => listRepositories(options, call),
  }
  return [
    { path: '/repos', methods: { GET: list } },
    { path: '/repos/:owner', methods: { GET: list } },
    {
      path: '/repos/:owner/:repo',
      methods: {
        GET: {
          needs: { can: 'repositories:read', where: 'path' },
          handle: inRepository(options, async (call, { owner, repo }) => {
            const found = options.repositories().get(`${owner}/${repo}`)
            return found === undefined ? notFound() : json(200, render(options, call, found))
          }),
        },
      },
    },
  ]
}

/** All of an owner's, or all. An owner of whom the key covers nothing is not there. */
function listRepositories(options: AdminOptions, call: Call): Answer {
  const owner = call.param('owner')
  const found = covered(options, call).filter((each) => owner === '' || each.owner === owner)
  if (owner !== '' && found.length === 0) return notFound()
  const page = readPage(call.query)
  const shown = found
    .toSorted((one, other) => compare(nameOf(one), nameOf(other)))
    .slice((page.page - 1) * page.pageSize, page.page * page.pageSize)
    .map((each) => render(options, call, each))
  const urls = pageUrls(call, owner === '' ? 'repos' : `repos/${owner}`, page)
  return json(200, shown, pageHeaders(page, found.length, urls))
}

function covered({ repositories }: AdminOptions, { principal }: Call): Repository[] {
  return [...repositories().values()].filter(({ owner, repo }) => principal.coversRepository(owner, repo))
}

/** What Postern does not know of a repository, which others fill, is null. */
function render(
  { downloadUrl }: AdminOptions,
  { base }: Call,
  repository: Repository,
): Record<string, unknown> {
  const { owner, repo, format, public: isPublic } = repository
  return {
    name: repo,
    slug: repo,
    slug_perm: repo,
    namespace: owner,
    namespace_url: `${base}/repos/${owner}/`,
    self_url: `${base}/repos/${owner}/${repo}/`,
    cdn_url: downloadUrl(repository),
    repository_type_str: isPublic ? 'Public' : 'Private',
    is_public: isPublic,
    is_private: !isPublic,
    is_open_source: false,
    user_entitlements_enabled: false,
    format,
    package_count: null,
    package_group_count: null,
    num_downloads: null,
    size: null,
    size_str: null,
  }
}

function nameOf({ owner, repo }: Repository): string {
  return `${owner}/${repo}`
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

import type { Api } from '../api/client.ts'
import { readPage } from '../api/list.ts'
import type { RepositoryJson, Self } from '../api/types.ts'
import { rightsOfSelf, type Rights } from './rights.ts'

const MOST_ON_A_PAGE = 500

/** Who is signed in, and what is there for them. */
export interface Known {
  readonly self: Self
  readonly rights: Rights
  readonly repositories: readonly RepositoryJson[]
}

/** Asks the API as whoever is signed in. @throws ApiError, `signed_out` when that is nobody. */
export async function loadSession(api: Api): Promise<Known> {
  const { body } = await api({ path: ['user', 'self'] })
  const self = body as Self
  const rights = rightsOfSelf(self)
  const repositories = rights.can('repositories:read') ? await allRepositories(api) : []
  return { self, rights, repositories }
}

async function allRepositories(api: Api): Promise<readonly RepositoryJson[]> {
  const all: RepositoryJson[] = []
  for (let page = 1; ; page++) {
    const query = { page, page_size: MOST_ON_A_PAGE }
    const { items, pages } = await readPage<RepositoryJson>(api, { path: ['repos'], query })
    all.push(...items)
    if (page >= pages) return all
  }
}

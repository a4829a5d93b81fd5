import type { Api, ApiRequest } from '../../api/client.ts'
import { readPage } from '../../api/list.ts'
import type { TokenJson } from '../../api/types.ts'

const PAGE_SIZE = 500
/** So many are held in a page of the browser; more is work for the command line. */
export const MOST_PICKED = 5_000

/** Reads all tokens that a search finds, MOST_PICKED at most. `onProgress` is called with how many there are so far. */
export async function readAll(
  api: Api,
  { path, query }: Pick<ApiRequest, 'path' | 'query'>,
  onProgress: (count: number) => void,
): Promise<readonly TokenJson[]> {
  const all = new Map<string, TokenJson>()
  for (let page = 1; all.size < MOST_PICKED; page++) {
    const asked = { path, query: { ...query, page, page_size: PAGE_SIZE } }
    const { items, pages } = await readPage<TokenJson>(api, asked)
    for (const token of items) all.set(token.slug_perm, token)
    onProgress(all.size)
    if (page >= pages) break
  }
  return [...all.values()].slice(0, MOST_PICKED)
}

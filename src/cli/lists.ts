import { counted } from '../text/counted.ts'
import type { ApiClient } from './api-client.ts'
import { refused, type CliError } from './errors.ts'
import { readList } from './json-fields.ts'
import { clean } from './text.ts'

export type ListQuery = Readonly<Record<string, string | number | boolean>>

const PAGE_SIZE = 500

/** The entries of all pages of a list, as the API gives them. `notFound`: what a 404 means. */
export async function readAllPages(
  api: ApiClient,
  {
    path,
    query,
    notFound,
  }: { readonly path: readonly string[]; readonly query: ListQuery; readonly notFound?: string },
): Promise<unknown[]> {
  const all: unknown[] = []
  for (let page = 1; ; page++) {
    const { body, pages } = await api({
      method: 'GET',
      path,
      query: { ...query, page, page_size: PAGE_SIZE },
      ...(notFound === undefined ? {} : { notFound }),
    })
    const entries = readList(body)
    all.push(...entries)
    if (page >= pages || entries.length === 0) return all
  }
}

/** What to say of a page without entries: that it lies behind the last, or else `nothing`. `thing`: what an entry is called. */
export function emptyPage(page: number, count: number, nothing: string, thing?: string): string {
  if (count === 0) return `${nothing}\n`
  const all = thing === undefined ? String(count) : counted(count, thing)
  return `Page ${page} is empty; there ${count === 1 ? 'is' : 'are'} ${all} in all.\n`
}

/** More than one has the name. */
export function ambiguous(kind: 'keys' | 'tokens', name: string, ids: readonly string[]): CliError {
  const lines = ids.map((id) => `  ${id}`).join('\n')
  return refused(`${ids.length} ${kind} are named "${clean(name)}". Give the id of one:\n${lines}`)
}

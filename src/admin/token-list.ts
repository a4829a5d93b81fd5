import { json, type Answer } from './answer.ts'
import { invalid } from './errors.ts'
import type { AdminOptions } from './options.ts'
import { pageHeaders, readPage } from './pagination.ts'
import type { Place } from './places.ts'
import type { Call } from './routes.ts'
import { isSet, readUsage, show } from './show.ts'

/** Parameters that the pages of a list have in common. Others are ignored, and must not come back in links. */
const CARRIED = ['show_tokens', 'query', 'active', 'sort'] as const
const LONGEST_SEARCH = 200

/** Lists the tokens of a repository, by name. */
export async function listTokens(options: AdminOptions, call: Call, place: Place): Promise<Answer> {
  const { tokens } = options.store
  const sort = call.query('sort') ?? 'name'
  if (sort !== 'name' && sort !== '-name')
    return invalid(new Map([['sort', ['This must be name or -name.']]]))
  const page = readPage(call.query)
  const found = await tokens.list({
    ...place,
    ...page,
    activeOnly: isSet(call.query('active')),
    search: readSearch(call.query('query')),
    descending: sort === '-name',
  })
  const used = await readUsage(options, found.tokens)
  const shown = found.tokens.map((token, index) => show(options, call, token, used[index]))
  const urlOf = (number: number): string => pageUrl(call, place, { ...page, page: number })
  return json(200, shown, pageHeaders(page, found.total, urlOf))
}

/** Cloudsmith's Terraform provider writes `name:acme`, which is the same as `acme`. */
function readSearch(query: string | undefined): string | null {
  const words = (query ?? '')
    .replace(/^name:/, '')
    .trim()
    .slice(0, LONGEST_SEARCH)
  return words === '' ? null : words
}

function pageUrl(call: Call, { owner, repo }: Place, page: { page: number; pageSize: number }): string {
  const parameters = new URLSearchParams({ page: String(page.page), page_size: String(page.pageSize) })
  for (const name of CARRIED) {
    const value = call.query(name)
    if (value !== undefined) parameters.set(name, value)
  }
  return `${call.base}/entitlements/${owner}/${repo}/?${parameters.toString()}`
}

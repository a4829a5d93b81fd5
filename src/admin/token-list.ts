import { json, type Answer } from './answer.ts'
import { invalid } from './errors.ts'
import type { AdminOptions } from './options.ts'
import { pageHeaders, pageUrls, readPage } from './pagination.ts'
import type { Place } from './places.ts'
import type { Call } from './routes.ts'
import { readSearch } from './search.ts'
import { isSet, readUsage, show } from './show.ts'

/** Parameters that the pages of the list have in common. */
const CARRIED = ['show_tokens', 'query', 'active', 'sort'] as const

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
    search: readSearch(call) || null,
    descending: sort === '-name',
  })
  const used = await readUsage(options, found.tokens)
  const shown = found.tokens.map((token, index) => show(options, call, token, used[index]))
  const urls = pageUrls(call, `entitlements/${place.owner}/${place.repo}`, page, CARRIED)
  return json(200, shown, pageHeaders(page, found.total, urls))
}

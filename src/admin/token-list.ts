import { setImmediate as nextTurn } from 'node:timers/promises'
import { TOKEN_ORDERS, type TokenFilter, type TokenOrder } from '../policy/search/filter.ts'
import { json, type Answer } from './answer.ts'
import { invalid, type FieldErrors } from './errors.ts'
import type { AdminOptions } from './options.ts'
import { pageHeaders, pageUrls, readPage } from './pagination.ts'
import type { Call } from './routes.ts'
import { isSet, readUsage, show } from './show.ts'
import { readTokenSearch } from './token-search.ts'

/** Parameters that the pages of the list have in common. */
const CARRIED = ['show_tokens', 'query', 'active', 'sort'] as const
/** Tokens that are written in one turn of the event loop, which everybody else waits for. */
const SHOWN_AT_ONCE = 50

/** Whose tokens are listed. */
interface Listed {
  readonly owner: string
  readonly repos: readonly string[]
  /** Of the list, below the API's own. */
  readonly path: string
}

/** Lists tokens, by name unless something else is asked for. */
export async function listTokens(options: AdminOptions, call: Call, listed: Listed): Promise<Answer> {
  const { tokens } = options.store
  const now = options.clock()
  const asked = readAsked(call, now)
  if (!asked.ok) return invalid(asked.errors)
  const page = readPage(call.query)
  const { owner, repos, path } = listed
  const { filter, order, descending } = asked
  const found = await tokens.list({ owner, repos, ...page, filter, order, descending, now })
  const used = await readUsage(options, found.tokens)
  const body: string[] = []
  for (const [at, token] of found.tokens.entries()) {
    if (at > 0 && at % SHOWN_AT_ONCE === 0) await nextTurn()
    body.push(JSON.stringify(show(options, call, token, used[at])))
  }
  const headers = pageHeaders(page, found.total, pageUrls(call, path, page, CARRIED))
  const exactness = found.isExact ? {} : { 'X-Pagination-Count-Is': 'at-most' }
  return { ...json(200, [], { ...headers, ...exactness }), body: `[${body.join(',')}]` }
}

type Asked =
  | {
      readonly ok: true
      readonly filter: TokenFilter | null
      readonly order: TokenOrder
      readonly descending: boolean
    }
  | { readonly ok: false; readonly errors: FieldErrors }

function readAsked(call: Call, now: number): Asked {
  const sort = call.query('sort') ?? 'name'
  const descending = sort.startsWith('-')
  const order = TOKEN_ORDERS.find((each) => each === sort.slice(descending ? 1 : 0))
  const search = readTokenSearch(call.query('query') ?? '', now)
  const errors = new Map([
    ...(order === undefined ? [['sort', [SORT_MISTAKE]] as const] : []),
    ...('messages' in search ? [['query', search.messages] as const] : []),
  ])
  if (order === undefined || 'messages' in search) return { ok: false, errors }
  return { ok: true, filter: withActive(search.filter, isSet(call.query('active'))), order, descending }
}

const SORT_MISTAKE = `This must be one of ${TOKEN_ORDERS.join(', ')}, or one of them with a - before it for the other direction.`

/** Cloudsmith's parameter, as a term. */
function withActive(filter: TokenFilter | null, activeOnly: boolean): TokenFilter | null {
  if (!activeOnly) return filter
  const active = { kind: 'active', isActive: true } as const
  return filter === null ? active : { kind: 'and', parts: [active, filter] }
}

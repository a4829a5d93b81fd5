import { OWNER, REPO, nameOf, slugOf } from './customers.ts'

/** A call of the management API. */
export interface ManagementCall {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
}

/** Calls that are measured together; `promised`: within the time that docs/search.md promises. */
export interface Kind {
  readonly name: string
  readonly promised: boolean
  /** `draw`: a number below what is given. */
  readonly make: (draw: (below: number) => number, tokens: number, at: number) => ManagementCall
}

const PAGE_SIZE = 30
const OF_REPOSITORY = `/entitlements/${OWNER}/${REPO}/`
const OF_OWNER = `/entitlements/${OWNER}/`

export const KINDS: readonly Kind[] = [
  list('first page', OF_REPOSITORY, {}),
  deep('any page by name', OF_REPOSITORY, {}),
  deep('any page, newest first', OF_REPOSITORY, { sort: '-created' }),
  deep('any page by expiry', OF_REPOSITORY, { sort: 'expires' }),
  deep('any page by last use', OF_REPOSITORY, { sort: '-last_used' }),
  deep('any page of the owner', OF_OWNER, {}),
  list('first page, active only', OF_REPOSITORY, { active: 'true' }),
  list('500 tokens', OF_REPOSITORY, { page_size: '500' }, false),
  search('a whole name', (draw, tokens) => `"${nameOf(draw(tokens))}"`),
  search('part of a name, some hits', (draw, tokens) => String(draw(tokens)).padStart(6, '0').slice(0, 5)),
  search('two words, thousands of hits', () => 'harbor optics gmbh'),
  search('one word, a twentieth of all', () => 'juniper', {}, false),
  search('an identifier', (draw, tokens) => `identifier:${slugOf(draw(tokens))}`),
  search('metadata of one customer', (draw, tokens) => `metadata.customer:${draw(tokens)}`),
  search('a word and metadata of many', () => 'kestrel robotics metadata.plan:trial'),
  search('switched off', () => 'state:disabled'),
  search('expired, by name', () => 'state:expired'),
  search('expiring, by expiry', () => 'expires:>now expires:<+30d', { sort: 'expires' }),
  search('unused for long, active', () => 'active:true last_used:<-180d', { sort: 'last_used' }),
  search('most downloads', () => 'downloads:>900', { sort: '-downloads' }),
  search('no such name', () => 'zzyzx'),
  {
    name: 'create',
    promised: true,
    make: (draw, tokens, at) => ({
      method: 'POST',
      path: OF_REPOSITORY,
      body: {
        name: `New ${nameOf(draw(tokens))} ${at}`,
        limit_num_downloads: 10,
        metadata: { customer: -at },
      },
    }),
  },
  {
    name: 'change',
    promised: true,
    make: (draw, tokens, at) => ({
      method: 'PATCH',
      path: `${OF_REPOSITORY}${slugOf(draw(tokens))}/`,
      body: { name: `Renamed ${at}`, limit_date_range_to: '2035-01-01' },
    }),
  },
]

function list(name: string, path: string, query: Readonly<Record<string, string>>, promised = true): Kind {
  return {
    name: `list: ${name}`,
    promised,
    make: () => ({ method: 'GET', path: `${path}?${encode(query)}` }),
  }
}

function deep(name: string, path: string, query: Readonly<Record<string, string>>): Kind {
  return {
    name: `list: ${name}`,
    promised: true,
    make: (draw, tokens) => {
      const page = String(1 + draw(Math.floor(tokens / PAGE_SIZE)))
      return { method: 'GET', path: `${path}?${encode({ ...query, page })}` }
    },
  }
}

function search(
  name: string,
  query: (draw: (below: number) => number, tokens: number) => string,
  more: Readonly<Record<string, string>> = {},
  promised = true,
): Kind {
  return {
    name: `search: ${name}`,
    promised,
    make: (draw, tokens) => ({
      method: 'GET',
      path: `${OF_REPOSITORY}?${encode({ query: query(draw, tokens), ...more })}`,
    }),
  }
}

function encode(query: Readonly<Record<string, string>>): string {
  return new URLSearchParams(query).toString()
}

import { TOKEN_ORDERS } from '../../../policy/search/filter.ts'
import { readPageNumber, writePageNumber } from '../../router/page-number.ts'
import { findPlace, placeName, type TokenPlace } from '../../words/places.ts'

/** What a list of tokens shows, as the address of the page says it. */
export interface ListQuery {
  readonly place: TokenPlace
  readonly typed: string
  /** One of STATE_FILTERS, or empty. */
  readonly state: string
  readonly sort: string
  readonly page: number
}

/** Reads an address. What makes no sense in it is as if it were not there. */
export function readListQuery(query: URLSearchParams, places: readonly TokenPlace[]): ListQuery | undefined {
  const place = findPlace(places, query.get('in')) ?? places[0]
  if (place === undefined) return undefined
  const sort = query.get('sort') ?? ''
  return {
    place,
    typed: query.get('q') ?? '',
    state: query.get('state') ?? '',
    sort: TOKEN_ORDERS.some((order) => sort === order || sort === `-${order}`) ? sort : 'name',
    page: readPageNumber(query),
  }
}

/** The parameters of an address. */
export function writeListQuery({
  place,
  typed,
  state,
  sort,
  page,
}: ListQuery): Readonly<Record<string, string>> {
  return {
    in: placeName(place),
    q: typed,
    state,
    sort: sort === 'name' ? '' : sort,
    page: writePageNumber(page),
  }
}

export const SORTS: readonly (readonly [value: string, title: string])[] = [
  ['name', 'Name'],
  ['expires', 'Ends first'],
  ['-expires', 'Ends last'],
  ['-last_used', 'Used last'],
  ['-downloads', 'Most downloads'],
  ['-created', 'Newest'],
  ['created', 'Oldest'],
]

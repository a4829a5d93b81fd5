import type { Api, ApiReply, ApiRequest } from './client.ts'

/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Counts from 1. */
  readonly page: number
  readonly pages: number
  readonly total: number
  /** False: there are at most `total`. */
  readonly isExact: boolean
}

/** Asks for a page of a list. `Item` is what the API documents for it. */
export async function readPage<Item>(api: Api, request: ApiRequest): Promise<Page<Item>> {
  return pageOf<Item>(await api(request))
}

function pageOf<Item>({ body, headers }: ApiReply): Page<Item> {
  const header = (name: string, byDefault: number): number =>
    Number(headers.get(`X-Pagination-${name}`) ?? byDefault)
  const items = Array.isArray(body) ? (body as readonly Item[]) : []
  return {
    items,
    page: header('Page', 1),
    pages: header('PageTotal', 1),
    total: header('Count', items.length),
    isExact: headers.get('X-Pagination-Count-Is') === null,
  }
}

/** Which page of a list an address asks for: the first one, unless it names another. */
export function readPageNumber(query: URLSearchParams): number {
  const page = Number(query.get('page'))
  return Number.isSafeInteger(page) && page > 0 ? page : 1
}

/** The parameter `page` of an address; empty for the first one, which needs none. */
export function writePageNumber(page: number): string {
  return page === 1 ? '' : String(page)
}

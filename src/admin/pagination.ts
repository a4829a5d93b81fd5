import type { Call } from './routes.ts'

/** One page of a list, counted from 1. */
export interface Page {
  readonly page: number
  readonly pageSize: number
}

export const DEFAULT_SIZE = 30
export const LARGEST_SIZE = 500
/** Keeps offsets within what every store can count. */
const LAST_PAGE = 1_000_000_000
/** Clients built on Node refuse answers whose headers have more than 16 KB together; where a filter is that long, the counts have to do. */
const LONGEST_LINK = 8 * 1024

/** Reads `page` and `page_size`. What makes no sense is the first page of 30; a page larger than 500 is 500. */
export function readPage(query: (name: string) => string | undefined): Page {
  return {
    page: wholeNumber(query('page'), 1, LAST_PAGE),
    pageSize: wholeNumber(query('page_size'), DEFAULT_SIZE, LARGEST_SIZE),
  }
}

function wholeNumber(text: string | undefined, byDefault: number, most: number): number {
  const number = /^\d+$/.test(text ?? '') ? Number(text) : 0
  return number < 1 ? byDefault : Math.min(number, most)
}

/**
 * Cloudsmith's headers about a list of `total` entries. All four counts always, because its Terraform provider fails without
 * them; an empty list has one page. `urlOf` makes the URL of a page.
 */
export function pageHeaders(
  { page, pageSize }: Page,
  total: number,
  urlOf: (page: number) => string,
): Record<string, string> {
  const pages = Math.max(1, Math.ceil(total / pageSize))
  const links = [
    ...(pages > 1 ? [link(urlOf(1), 'first')] : []),
    ...(page > 1 ? [link(urlOf(Math.min(page - 1, pages)), 'prev')] : []),
    ...(page < pages ? [link(urlOf(page + 1), 'next')] : []),
    ...(pages > 1 ? [link(urlOf(pages), 'last')] : []),
  ]
  const text = links.join(', ')
  return {
    'X-Pagination-Count': String(total),
    'X-Pagination-Page': String(page),
    'X-Pagination-PageTotal': String(pages),
    'X-Pagination-PageSize': String(pageSize),
    ...(links.length > 0 && text.length <= LONGEST_LINK ? { Link: text } : {}),
  }
}

type Asked = Pick<Call, 'base' | 'query'>

/** URLs of the pages of the list at `path`, with those of its parameters that `carried` names. */
export function pageUrls(
  call: Asked,
  path: string,
  { pageSize }: Page,
  carried: readonly string[] = [],
): (page: number) => string {
  return (page) => listUrl(call, path, { page: String(page), page_size: String(pageSize) }, carried)
}

/** A URL of another part of a list. What `carried` does not name must not come back in links. */
export function listUrl(
  { base, query }: Asked,
  path: string,
  part: Readonly<Record<string, string>>,
  carried: readonly string[],
): string {
  const parameters = new URLSearchParams(part)
  for (const name of carried) {
    const value = query(name)
    if (value !== undefined) parameters.set(name, value)
  }
  return `${base}/${path}/?${parameters.toString()}`
}

function link(url: string, relation: string): string {
  return `<${url}>; rel="${relation}"`
}

import type { Needs } from '../permission.ts'
import type { Description, Reply } from './descriptions/description.ts'
import { count, listOf, refTo, text, type JsonSchema } from './json-schema.ts'
import { canBeInvalid } from './parameters.ts'

/** Headers that answers have, as components. */
export const HEADERS: Readonly<Record<string, JsonSchema>> = {
  Count: header(count('Entries of the whole list.')),
  Page: header(count('Which page this is.')),
  PageTotal: header(count('How many pages there are.')),
  PageSize: header(count('Entries on a page.')),
  CountIs: {
    ...header(text('at-most: the count is an upper bound.', { enum: ['at-most'] })),
    required: false,
  },
  Link: { ...header(text('first, prev, next and last page (RFC 8288).')), required: false },
  ETag: header(text('Version of what is shown, to be sent back as If-Match.')),
  RetryAfter: header(count('Seconds to wait.')),
}

function header(schema: JsonSchema): JsonSchema {
  return { required: true, schema }
}

function headerRef(name: string): JsonSchema {
  return { $ref: `#/components/headers/${name}` }
}

const PAGE_HEADERS = {
  'X-Pagination-Count': headerRef('Count'),
  'X-Pagination-Page': headerRef('Page'),
  'X-Pagination-PageTotal': headerRef('PageTotal'),
  'X-Pagination-PageSize': headerRef('PageSize'),
  'X-Pagination-Count-Is': headerRef('CountIs'),
  Link: headerRef('Link'),
}

/** What may go wrong, as components by their status. */
const ERRORS: Readonly<Record<number, readonly [description: string, schema: string]>> = {
  400: ['The request can’t be understood.', 'Error'],
  401: ['There is no key, or one that does not work.', 'Error'],
  403: ['The key may not do this.', 'Error'],
  404: ['There is no such thing, or none that the key covers.', 'Error'],
  412: ['What was to be changed is not what If-Match names. Nothing was changed.', 'Error'],
  413: ['The body is too large: 100 KB, or 10 MB of rows, are allowed.', 'Error'],
  415: ['The body is of a type that is not read here.', 'Error'],
  422: ['Something is wrong with fields or parameters. Nothing was changed.', 'InvalidInput'],
  429: ['Too many wrong keys came from this address.', 'Error'],
  500: ['A mistake of Postern. Its log has the reason.', 'Error'],
  503: ['The store does not answer, or too much is asked at once. Try again.', 'Error'],
}

const WITH_RETRY: ReadonlySet<string> = new Set(['429', '503'])

export const ERROR_RESPONSES: Readonly<Record<string, JsonSchema>> = {
  ...Object.fromEntries(
    Object.entries(ERRORS).map(([status, [description, schema]]) => [
      `Error${status}`,
      {
        description,
        ...(WITH_RETRY.has(status) ? { headers: { 'Retry-After': headerRef('RetryAfter') } } : {}),
        content: { 'application/json': { schema: refTo(schema) } },
      },
    ]),
  ),
  Error422Rows: {
    description: 'Something is wrong with parameters or rows. Nothing was changed.',
    content: { 'application/json': { schema: { anyOf: [refTo('InvalidInput'), refTo('BulkRefusal')] } } },
  },
}

/** What decides how an operation may fail. */
interface Failing {
  readonly method: string
  readonly path: string
  /** undefined: no key is needed. */
  readonly needs: Needs | undefined
  readonly isConditional: boolean
  readonly description: Description
}

/** Answers of an operation, by status. */
export function responsesOf(operation: Failing): Readonly<Record<string, JsonSchema>> {
  const { reply, takesRows } = operation.description
  const errors = statusesOf(operation).map((status) => [
    String(status),
    { $ref: `#/components/responses/Error${status}${status === 422 && takesRows === true ? 'Rows' : ''}` },
  ])
  const notReady = operation.path === '/readyz' ? { 503: success({ ...reply, status: 503 }) } : {}
  return { [reply.status]: success(reply), ...notReady, ...Object.fromEntries(errors) }
}

function statusesOf({ method, path, needs, isConditional, description }: Failing): readonly number[] {
  if (needs === undefined) return [500]
  const takesBody = method === 'POST' || method === 'PATCH'
  const isLimited = needs !== 'any key'
  const isChange = method !== 'GET'
  const mayBeInvalid = takesBody || canBeInvalid(description.query ?? [])
  return [
    400,
    401,
    ...(isLimited || isChange ? [403] : []),
    ...(path.includes(':') || (isLimited && needs.where === 'body') ? [404] : []),
    ...(isConditional ? [412] : []),
    ...(takesBody ? [413, 415] : []),
    ...(mayBeInvalid ? [422] : []),
    429,
    500,
    503,
  ]
}

function success(reply: Reply): JsonSchema {
  const headers = {
    ...(reply.form === 'page' || reply.form === 'figures' ? PAGE_HEADERS : {}),
    ...(reply.form === 'log' ? { Link: headerRef('Link') } : {}),
    ...(reply.hasTag === true ? { ETag: headerRef('ETag') } : {}),
  }
  const content = contentOf(reply)
  return {
    description:
      reply.form === 'nothing' ? 'Done.' : reply.status === 503 ? 'Not ready.' : 'What was asked for.',
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(content === undefined ? {} : { content }),
  }
}

const STRING: JsonSchema = { schema: { type: 'string' } }

function contentOf({ form, schema = 'Error' }: Reply): JsonSchema | undefined {
  switch (form) {
    case 'nothing':
      return undefined
    case 'text':
      return { 'text/plain': STRING }
    case 'html':
      return { 'text/html': STRING }
    case 'document':
      return { 'application/json': { schema: { type: 'object' } } }
    case 'object':
    case 'figures':
      return { 'application/json': { schema: refTo(schema) } }
    case 'list':
    case 'page':
      return { 'application/json': { schema: listOf(refTo(schema)) } }
    case 'lines':
      return { 'application/x-ndjson': STRING, 'text/csv': STRING }
    case 'log':
      return {
        'application/json': { schema: listOf(refTo(schema)) },
        'application/x-ndjson': STRING,
        'text/csv': STRING,
      }
  }
}

import { explainFailure, explainUnreachable, type Failure } from './api-errors.ts'
import { unusable, type CliError } from './errors.ts'
import { unexpected } from './json-fields.ts'

interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Segments of the path, not encoded. */
  readonly path: readonly string[]
  readonly query?: Readonly<Record<string, string | number | boolean>>
  readonly body?: unknown
  /** A body that is sent as it is. */
  readonly upload?: { readonly type: string; readonly text: string }
  /** Flags that set the fields of the body, where they are not those of a token. */
  readonly flags?: ReadonlyMap<string, string>
  /** What a 404 means here. */
  readonly notFound?: string
  /** Gives up, beside the deadline that there is anyway. */
  readonly signal?: AbortSignal
  /** A 404 is an answer like others. */
  readonly mayBeMissing?: true
}

interface ApiAnswer {
  /** Parsed JSON; null when the answer had no body. */
  readonly body: unknown
  /** It was a 404, and the request allows that. */
  readonly isMissing: boolean
  /** Entries and pages of a list; 0 when the answer does not tell. */
  readonly count: number
  readonly pages: number
  /** `count` is the most that there can be. */
  readonly isAtMost: boolean
}

/** Resolves to a good answer. @throws CliError that says what is wrong and what to do. */
export type ApiClient = (request: ApiRequest) => Promise<ApiAnswer>

export interface ApiOptions {
  readonly fetch: typeof globalThis.fetch
  /** URL of the management API. */
  readonly url: string
  readonly key: string | undefined
  readonly userAgent: string
}

const PATIENCE_MS = 30_000
const KEY = /^[\x21-\x7e]+$/

/** An answer that is read while it comes. @throws CliError as `ApiClient`, also when the connection breaks in the middle. */
export type ApiStream = (
  request: Pick<ApiRequest, 'path' | 'query' | 'notFound'>,
) => Promise<AsyncIterable<Uint8Array>>

/** @throws CliError as `createApiClient`. */
export function createApiStream(options: ApiOptions): ApiStream {
  const { ask, unreachable, explain } = prepare(options)
  return async ({ path, query, notFound }) => {
    const response = await ask(path, query)
    const { body } = response
    if (response.ok && body !== null) return unbroken(body, unreachable)
    throw explain({ flags: undefined, notFound, response, text: await response.text().catch(unreachable) })
  }
}

async function* unbroken(
  body: AsyncIterable<Uint8Array>,
  unreachable: (error: unknown) => never,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    unreachable(error)
  }
}

/** @throws CliError when the URL or the key can't be used. No message repeats the key. */
export function createApiClient(options: ApiOptions): ApiClient {
  const { ask, unreachable, explain } = prepare(options)
  return async ({ method, path, query, body, upload, flags, notFound, signal, mayBeMissing }) => {
    const deadline = AbortSignal.timeout(PATIENCE_MS)
    const sent = body === undefined ? upload?.text : JSON.stringify(body)
    const init = {
      method,
      ...(sent === undefined ? {} : { body: sent }),
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    }
    const response = await ask(path, query, init, upload?.type)
    const text = await response.text().catch(unreachable)
    const isMissing = mayBeMissing === true && response.status === 404
    if (!response.ok && !isMissing) throw explain({ flags, notFound, response, text })
    return { body: parseBody(text), isMissing, ...readPages(response.headers) }
  }
}

/** What all requests have in common. */
function prepare({ fetch, url, key, userAgent }: ApiOptions) {
  const base = readBase(url)
  if (key !== undefined && !KEY.test(key)) {
    throw unusable('The API key has a space, a line break or another odd character. Is it whole?')
  }
  const common = {
    accept: 'application/json',
    'user-agent': userAgent,
    ...(key === undefined ? {} : { 'x-api-key': key }),
  }
  const unreachable = (error: unknown): never => {
    throw explainUnreachable(base, error)
  }
  const ask = (
    path: ApiRequest['path'],
    query: ApiRequest['query'] = {},
    init: Pick<RequestInit, 'method' | 'body' | 'signal'> = {},
    type = 'application/json',
  ): Promise<Response> => {
    const headers = init.body === undefined ? common : { ...common, 'content-type': type }
    // A redirect would carry the key to wherever it points.
    const request = { ...init, headers, redirect: 'manual' } as const
    return fetch(base + pathOf(path) + queryOf(query), request).catch(unreachable)
  }
  const explain = (failure: Omit<Failure, 'base' | 'hasKey'>): CliError =>
    explainFailure({ base, hasKey: key !== undefined, ...failure })
  return { ask, unreachable, explain }
}

function readBase(text: string): string {
  const url = /^https?:\/\/[^\s?#]+$/i.test(text) ? URL.parse(text) : null
  if (url === null || url.username !== '' || url.password !== '') {
    throw unusable(
      'The URL of the management API (POSTERN_API or --api) must be like http://127.0.0.1:8081, without credentials.',
    )
  }
  return url.href.replace(/\/+$/, '')
}

function pathOf(segments: readonly string[]): string {
  // fetch would resolve them, and the request would be about something else.
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw unusable(`An empty name, "." and ".." can't be asked for.`)
  }
  return `/${segments.map((segment) => encodeURIComponent(segment.toWellFormed())).join('/')}/`
}

function queryOf(query: Readonly<Record<string, string | number | boolean>>): string {
  const entries = Object.entries(query).map(([name, value]) => [name, String(value)])
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`
}

function parseBody(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    throw unexpected()
  }
}

function readPages(headers: Headers): Pick<ApiAnswer, 'count' | 'pages' | 'isAtMost'> {
  const read = (name: string): number => Number(headers.get(`x-pagination-${name}`) ?? 0) || 0
  const isAtMost = headers.get('x-pagination-count-is') === 'at-most'
  return { count: read('count'), pages: read('pagetotal'), isAtMost }
}

import { ApiError, errorOf, offline } from './errors.ts'

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Segments below the API's root, not encoded. */
  readonly path: readonly string[]
  /** What is undefined or empty is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: Readonly<Record<string, unknown>>
  /** A body of another type than that. */
  readonly upload?: { readonly type: string; readonly content: string | Blob }
  /** The version that a change is meant for, as `ETag` had it. */
  readonly ifMatch?: string | undefined
  readonly signal?: AbortSignal
}

export interface ApiReply {
  /** undefined: the answer is no JSON. */
  readonly body: unknown
  readonly text: string
  readonly headers: Headers
}

/** Asks the management API. @throws ApiError; or what the abortion of `signal` gives. */
export type Api = (request: ApiRequest) => Promise<ApiReply>

/**
 * Makes a client that asks as whoever is signed in. When nobody is any more, `signInAgain` is awaited, and the request is sent once more: so
 * nothing that was typed is lost to an old session.
 */
export function createApi(signInAgain: () => Promise<void>): Api {
  return async (request) => {
    try {
      return await send(request)
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'signed_out') throw error
      await signInAgain()
      return send(request)
    }
  }
}

/** Opens a session. @throws ApiError when the key does not work. */
export async function openSession(key: string): Promise<void> {
  await send({ method: 'POST', path: ['console', 'session'] }, { 'X-Api-Key': key })
}

/** Sends a request without trying to sign in. */
export async function send(request: ApiRequest, more: Record<string, string> = {}): Promise<ApiReply> {
  const { method = 'GET', ifMatch, signal } = request
  const upload = uploadOf(request)
  const headers = {
    'X-Postern-Console': '1',
    Accept: 'application/json',
    ...(upload === undefined ? {} : { 'Content-Type': upload.type }),
    ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
    ...more,
  }
  const response = await reach(apiUrl(request), {
    method,
    headers,
    cache: 'no-store',
    credentials: 'same-origin',
    ...(upload === undefined ? {} : { body: upload.content }),
    ...(signal === undefined ? {} : { signal }),
  })
  const text = await response.text()
  const answered = parse(text)
  if (!response.ok) throw errorOf(response.status, answered)
  return { body: answered, text, headers: response.headers }
}

function uploadOf({ body, upload }: ApiRequest): ApiRequest['upload'] {
  return body === undefined ? upload : { type: 'application/json', content: JSON.stringify(body) }
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    throw offline()
  }
}

/** Where the API answers a request that reads: also for a link, because the session goes along with it. */
export function apiUrl({ path, query = {} }: Pick<ApiRequest, 'path' | 'query'>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value))
  }
  const asked = parameters.size === 0 ? '' : `?${parameters.toString()}`
  return `/${path.map(encodeURIComponent).join('/')}/${asked}`
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What the command line sent. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Parsed JSON, or text of another type; undefined when there was no body. */
  readonly body: unknown
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; text is sent as it is. */
  readonly body?: unknown
}

/** A stand-in for the management API. */
export interface FakeApi extends AsyncDisposable {
  readonly url: string
  readonly received: readonly Received[]
  /** `METHOD /path?query` of each request. */
  readonly requests: () => string[]
}

/** Answers every request with what `reply` says, a 404 where it says nothing. */
export async function startFakeApi(reply: (request: Received) => Reply | undefined): Promise<FakeApi> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const { method = '', url = '', headers } = request
    const isJson = body !== '' && headers['content-type'] === 'application/json'
    const one = { method, url, headers, body: isJson ? JSON.parse(body) : body || undefined }
    received.push(one)
    const answer = reply(one) ?? { status: 404, body: { detail: 'Not found.', code: 'not_found' } }
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
    const content = answer.body === undefined ? '' : answer.body
    response.end(typeof content === 'string' ? content : JSON.stringify(content))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    requests: () => received.map(({ method, url }) => `${method} ${url}`),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A token as the API shows it. */
export function apiToken(different: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: 'Example Ltd',
    slug_perm: '01JD0000000000000000000001',
    token: '****************',
    is_active: true,
    metadata: null,
    repositories: null,
    limit_packages: null,
    limit_date_range_from: null,
    limit_date_range_to: '2027-01-01T00:00:00.000Z',
    limit_num_downloads: 1000,
    limit_num_clients: null,
    downloads: 12,
    clients: 3,
    bandwidth: 1_234_567,
    last_used_at: '2026-02-27T08:30:00.000Z',
    last_reset_at: null,
    created_at: '2026-01-31T12:00:00.000Z',
    created_by: 'first key',
    updated_at: null,
    updated_by: null,
    ...different,
  }
}

/** One page with these tokens. */
export function pageOf(
  tokens: readonly unknown[],
  page = 1,
  pages = 1,
  count: number = tokens.length,
): Reply {
  const headers = {
    'x-pagination-count': String(count),
    'x-pagination-page': String(page),
    'x-pagination-pagetotal': String(pages),
    'x-pagination-pagesize': '30',
  }
  return { headers, body: tokens }
}

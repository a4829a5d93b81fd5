import type { ServerResponse } from 'node:http'

/** A whole answer of the management API. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

type Headers = Answer['headers']

/** `value` as JSON. @throws when it has no JSON form. */
export function json(status: number, value: unknown, headers: Headers = {}): Answer {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

export function text(status: number, body: string, contentType = 'text/plain; charset=utf-8'): Answer {
  return { status, headers: { 'Content-Type': contentType }, body }
}

export const NO_CONTENT: Answer = { status: 204, headers: {}, body: '' }

/** Answers show secrets and change from second to second: nobody may keep them. */
const ALWAYS: Headers = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }

/** Sends `answer` in one write. To a HEAD request Node sends the headers only. */
export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const bytes = Buffer.from(body)
  const length = status === 204 ? {} : { 'Content-Length': bytes.length }
  response.writeHead(status, { ...ALWAYS, ...headers, ...length }).end(bytes)
}

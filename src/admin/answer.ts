import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** An answer of the management API. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Whole, or in parts that are made while it is sent. */
  readonly body: string | AsyncIterable<string>
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

/**
 * Sends `answer`: a whole one in one write, another part by part, as fast as it is taken. Rejects when a part can't be made; then the
 * connection is broken off. To a HEAD request Node sends the headers only.
 */
export async function send(response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  if (typeof body !== 'string') return sendParts(response, status, headers, body)
  const bytes = Buffer.from(body)
  const length = status === 204 ? {} : { 'Content-Length': bytes.length }
  response.writeHead(status, { ...ALWAYS, ...headers, ...length }).end(bytes)
}

async function sendParts(
  response: ServerResponse,
  status: number,
  headers: Headers,
  body: AsyncIterable<string>,
): Promise<void> {
  response.writeHead(status, { ...ALWAYS, ...headers })
  if (response.req.method === 'HEAD') return void response.end()
  try {
    await pipeline(Readable.from(body), response)
  } catch (error) {
    // The client has had enough.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'))
      throw error
  }
}

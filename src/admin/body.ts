import type { IncomingMessage } from 'node:http'
import type { Answer } from './answer.ts'
import { malformed, tooLarge, unsupportedMediaType } from './errors.ts'

/** The fields of a JSON body, or the answer to a body that has none. */
export type Body =
  | { readonly ok: true; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly answer: Answer }

const MOST_BYTES = 100 * 1024
/** Of a body that is too large so much more is read and thrown away: many clients listen only once they have sent everything. */
const MOST_DISCARDED = 15 * MOST_BYTES
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i

/**
 * Reads a request's body. An empty one has no fields, whatever its type: Cloudsmith's clients announce JSON on every request. A
 * body that was cut off is refused, never taken for a shorter or empty one. Messages never quote the body, which may hold a secret.
 */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const read = await readBytes(request, MOST_BYTES)
  if (!read.ok) return read
  const { bytes } = read
  if (bytes.length === 0) return { ok: true, fields: {} }
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers
  // A compressed body could be far larger than it looks.
  if (!JSON_TYPE.test(type) || encoding !== 'identity') return { ok: false, answer: unsupportedMediaType() }
  return parseBody(bytes)
}

type Bytes = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly answer: Answer }

/** The bytes of a body, or the answer to one that is larger or was cut off. */
async function readBytes(request: IncomingMessage, most: number): Promise<Bytes> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Leaving the loop must not destroy the request: the answer goes out on the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length
      if (size > most + MOST_DISCARDED) break
      if (size <= most) chunks.push(chunk)
      else chunks.length = 0
    }
  } catch {
    return { ok: false, answer: malformed('The body was cut off.') }
  }
  if (size > most) return { ok: false, answer: tooLarge(most) }
  if (!request.complete) return { ok: false, answer: malformed('The body was cut off.') }
  return { ok: true, bytes: Buffer.concat(chunks) }
}

/** A body that is not an object of fields, as it came. */
export interface Upload {
  readonly bytes: Uint8Array
  /** Its media type in small letters, without parameters. */
  readonly type: string
}

/** Reads a body that may be as large as that, of any type. */
export async function readUpload(
  request: IncomingMessage,
  most: number,
): Promise<{ readonly ok: true; readonly upload: Upload } | { readonly ok: false; readonly answer: Answer }> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers
  if (encoding !== 'identity') return { ok: false, answer: unsupportedMediaType() }
  const read = await readBytes(request, most)
  const [name = ''] = type.toLowerCase().split(';', 1)
  return read.ok ? { ok: true, upload: { bytes: read.bytes, type: name.trim() } } : read
}

function parseBody(bytes: Buffer): Body {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (isObject(value)) return { ok: true, fields: value }
    return { ok: false, answer: malformed('The body is no JSON object.') }
  } catch {
    return { ok: false, answer: malformed('The body is no valid JSON in UTF-8.') }
  }
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { headerName } from './header-names.ts'

/** A request without a body. */
export interface WireRequest {
  readonly method: 'GET' | 'HEAD'
  /** Path and query, encoded. */
  readonly path: string
  /** Names in lower case. `host` and `connection` are not among them. */
  readonly headers: Readonly<Record<string, string>>
}

const VISIBLE = /^\/[\x21-\x7e]*$/
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * The bytes of a request, as Latin-1; undefined when something in it would make another request of it. What comes here was checked
 * before. It is checked once more where it is written, because a line break in a path or a value would be a request of its own
 * (CVE-2018-12116, CVE-2022-35948).
 */
export function renderRequest({ method, path, headers }: WireRequest, host: string): string | undefined {
  if (!VISIBLE.test(path)) return undefined
  let text = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`
  for (const name in headers) {
    const value = headers[name] ?? ''
    if (headerName(name) !== name || OURS.has(name) || !FIELD_VALUE.test(value)) return undefined
    text += `${name}: ${value}\r\n`
  }
  return `${text}\r\n`
}

/** Would say something about the connection, or that a body follows. */
const OURS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

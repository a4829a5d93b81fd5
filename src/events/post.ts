import type { LookupAddress } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { hostOf, type TargetRules } from '../policy/webhook-target.ts'

/** What is sent where. */
export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** `status`: what the target answered, whatever it was. `error`: why there is no answer, for a person. */
export type Posted = { readonly status: number } | { readonly error: string }

export interface PostOptions {
  readonly rules: TargetRules
  /** All addresses of a name. */
  readonly resolve: (host: string) => Promise<readonly LookupAddress[]>
  /** From the first look-up to the end of the answer. */
  readonly timeoutMs: number
}

/** So much of an answer's body is read, so that well-behaved targets see it taken; then the connection is cut. */
const MOST_READ = 16 * 1024

/**
 * Sends one POST over a connection of its own. The target's name is looked up once, all its addresses are judged, and the connection goes
 * to one of them: a name that answers otherwise the next time (DNS rebinding) gains nothing. Redirects are answers like others. Never
 * rejects, and nothing of the answer's body comes back: it could be a page of somewhere inside.
 */
export async function post(given: Post, { rules, resolve, timeoutMs }: PostOptions): Promise<Posted> {
  const mistake = rules.judgeUrl(given.url)
  if (mistake !== undefined) return { error: `The target URL ${mistake}.` }
  const url = new URL(given.url)
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const address = await within(signal, findAddress(hostOf(url), rules, resolve))
    if (address === undefined) return { error: 'The target has an address that is not public.' }
    return { status: await exchange(url, address, given, signal) }
  } catch (error) {
    return { error: signal.aborted ? `No answer within ${timeoutMs / 1000} s.` : explain(error) }
  }
}

/** One that may be connected to; undefined when any of the target's may not. */
async function findAddress(
  host: string,
  rules: TargetRules,
  resolve: PostOptions['resolve'],
): Promise<string | undefined> {
  const found = isIP(host) === 0 ? await resolve(host) : [{ address: host }]
  const addresses = found.map(({ address }) => address)
  return addresses.every(rules.allowsAddress) ? addresses[0] : undefined
}

function within<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    work.then(resolve, reject)
  })
}

function exchange(url: URL, address: string, { headers, body }: Post, signal: AbortSignal): Promise<number> {
  const isTls = url.protocol === 'https:'
  const host = hostOf(url)
  const options = {
    host: address,
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    method: 'POST',
    headers: {
      ...headers,
      Host: url.host,
      'Content-Length': String(Buffer.byteLength(body)),
      Connection: 'close',
    },
    agent: false as const,
    signal,
    // The certificate has to be the name's, although it is an address that is connected to.
    ...(isTls && isIP(host) === 0 ? { servername: host } : {}),
  }
  return new Promise((resolve, reject) => {
    const request = isTls ? requestHttps(options) : requestHttp(options)
    request.on('error', reject)
    request.on('response', (response) => {
      const { statusCode = 0 } = response
      let read = 0
      const done = (): void => {
        request.destroy()
        resolve(statusCode)
      }
      response.on('data', (chunk: Buffer) => {
        read += chunk.length
        if (read > MOST_READ) done()
      })
      response.on('end', done)
      // It was answered: what became of the rest of the body does not matter.
      response.on('error', done)
      response.on('aborted', done)
    })
    request.end(body)
  })
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The target refuses connections.',
  ECONNRESET: 'The target cut the connection.',
  ENOTFOUND: 'The name of the target is not known.',
  EAI_AGAIN: 'The name of the target can’t be resolved.',
  ETIMEDOUT: 'The target can’t be reached.',
  EHOSTUNREACH: 'The target can’t be reached.',
  ENETUNREACH: 'The target can’t be reached.',
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const isTlsCode = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code)
  return (
    REASONS[code] ??
    (isTlsCode
      ? `The certificate of the target is not accepted (${code}).`
      : `It failed (${code || 'unknown reason'}).`)
  )
}

import { endWith } from '../../deliver/sink.ts'
import type { RefusalResponse } from '../../http/refusal-response.ts'
import type { Judgement } from '../authorize.ts'
import type { Nonces } from '../eula/nonce.ts'
import type { Exchange } from '../exchange.ts'
import type { Result } from '../observation.ts'
import type { Routes, Served } from '../routes.ts'
import { asHtml } from './as-html.ts'
import { asJson } from './as-json.ts'
import { describe } from './facts.ts'
import type { Gather } from './gather.ts'
import { markup } from './html.ts'
import { layOut } from './layout.ts'
import type { Brand } from './settings.ts'
import { stepsFor } from './steps.ts'

export interface PageOptions {
  readonly gather: Gather
  readonly nonces: Nonces
  /** Epoch ms. */
  readonly clock: () => number
}

/** Answers with the page about a repository: to whom it is shown, and in which form, was decided. It is charged to nobody. */
export async function answerPage(
  { gather, nonces, clock }: PageOptions,
  exchange: Exchange,
  judgement: Judgement & { readonly served: Served },
  { baseUrl }: Routes,
): Promise<Result> {
  const { served, token, view } = judgement
  const host = exchange.request.host
  if (view === 'html' && !hasSlash(exchange)) return sendToSlash(exchange)
  const now = clock()
  const facts = describe(served, token, await gather(served, token), now)
  const { policy } = served.about.brand.style
  return view === 'json'
    ? send(exchange, asJson(facts), ['content-type', 'application/json', 'vary', VARY])
    : send(
        exchange,
        asHtml(facts, stepsFor(judgement, baseUrl, host), nonceFor(nonces, judgement, now)),
        pageHeaders(policy),
      )
}

function nonceFor(nonces: Nonces, { served, token }: Judgement, now: number): string {
  if (served?.terms === undefined || token === undefined) return ''
  const { owner, repo } = served.repository
  const { revision } = served.terms
  return nonces.write({ token: token.record.slugPerm, place: `${owner}/${repo}`, revision }, now)
}

/** Links of the page are relative to it. */
function hasSlash({ request: { target } }: Exchange): boolean {
  return target.replace(/\?.*$/, '').endsWith('/')
}

/** Relative (RFC 9110 §10.2.2), whatever stands before the gate. */
function sendToSlash(exchange: Exchange): Result {
  const [path = '', query] = exchange.request.target.split('?')
  const location = `${path.slice(path.lastIndexOf('/') + 1)}/${query === undefined ? '' : `?${query}`}`
  exchange.reply.begin(308, undefined, ['location', `./${location}`, 'content-length', '0', ...PRIVATE])
  exchange.reply.body.end()
  return { status: 308, outcome: 'passed', bytes: 0, charged: 0, upstreamMs: null }
}

const VARY = 'accept, user-agent, authorization, x-api-key'

/** The secret may be in the URL and in the page: it is kept by nobody, told to nobody, and listed nowhere. */
const PRIVATE = [
  'cache-control',
  'no-store',
  'referrer-policy',
  'no-referrer',
  'x-robots-tag',
  'noindex, nofollow',
  'x-content-type-options',
  'nosniff',
] as const

function pageHeaders(policy: string): readonly string[] {
  return ['content-type', 'text/html; charset=utf-8', 'content-security-policy', policy, 'vary', VARY]
}

function send({ request, reply }: Exchange, body: Buffer, headers: readonly string[]): Result {
  reply.begin(200, undefined, [...headers, ...PRIVATE, 'content-length', String(body.length)])
  const isHead = request.method === 'HEAD'
  if (isHead) reply.body.end()
  else endWith(reply.body, body)
  return { status: 200, outcome: 'delivered', bytes: isHead ? 0 : body.length, charged: 0, upstreamMs: null }
}

/** The same refusal for who looks at it in a browser. It says nothing of any repository. */
export function asRefusalPage(refusal: RefusalResponse, brand: Brand): RefusalResponse {
  const message = String(refusal.headers['x-error-message'] ?? '')
  const text = message.startsWith(`${refusal.reason}. `) ? message.slice(refusal.reason.length + 2) : message
  const body = layOut({
    brand,
    title: refusal.reason,
    subtitle: `Answer ${refusal.status}`,
    body: markup`<p class="state bad"><strong>${refusal.reason}.</strong> ${text}</p>`,
  })
  const own = Object.fromEntries(pairs([...pageHeaders(brand.style.policy), ...PRIVATE]))
  return { ...refusal, headers: { ...refusal.headers, ...own, 'content-length': body.length }, body }
}

function pairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? '']] : []))
}

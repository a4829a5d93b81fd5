import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Opened, Sent } from '../deliver/contract.ts'
import { refusalResponse } from '../http/refusal-response.ts'
import { refuse, type Refusal } from '../policy/refusal.ts'
import { StoreError } from '../store/contract.ts'
import type { Observation, Outcome } from '../telemetry/observation.ts'
import type { Account, Accounts } from './accounts.ts'
import { sendHead, sendRefusal } from './answer.ts'
import { authorize, type AuthorizeOptions, type Judgement } from './authorize.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { orderOf } from './order.ts'
import type { Routes } from './routes.ts'

export interface GatewayOptions extends AuthorizeOptions {
  readonly routes: () => Routes
  readonly accounts: Accounts
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
  readonly observe: (observation: Observation) => void
  /** Told of what should never happen, and of a store that does not answer. */
  readonly onError: (error: unknown) => void
}

/** How a request was answered. */
interface Result {
  readonly status: number
  readonly outcome: Outcome
  readonly bytes: number
  readonly charged: number
  readonly upstreamMs: number | null
}

/** The handler of the data path: judges, charges, delivers, settles and observes each request. Never rejects. */
export function createGateway(
  options: GatewayOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const [at, started] = [options.clock(), options.monotonic()]
    const exchange = createExchange(request, response)
    const { judgement, result } = await respond(options, exchange)
    const durationMs = options.monotonic() - started
    options.observe(observationOf(request, judgement, result, at, durationMs))
  }
}

async function respond(
  options: GatewayOptions,
  exchange: Exchange,
): Promise<{ judgement: Judgement | undefined; result: Result }> {
  let judgement: Judgement | undefined
  try {
    const routes = options.routes()
    judgement = await authorize(readRequest(exchange.request), routes, options)
    const { verdict } = judgement
    const refusal = hasBody(exchange.request) && verdict.ok ? refuse('request_malformed', BODY) : verdict
    const result = refusal.ok
      ? await deliver(options, exchange, judgement, routes)
      : refuseRequest(exchange, judgement, refusal)
    return { judgement, result }
  } catch (error) {
    options.onError(error)
    return { judgement, result: refuseRequest(exchange, judgement, refusalOfError(error)) }
  }
}

const BODY = { why: 'a body came with a request that has none' }

/** A body would be left on the connection, where it could pass for the next request (request smuggling). */
function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

function readRequest({ method = '', url = '', headers, rawHeaders, socket }: IncomingMessage) {
  const forwarded = headers['x-forwarded-for']
  return {
    method,
    target: url,
    host: headers.host,
    rawHeaders,
    peer: socket.remoteAddress ?? '',
    forwardedFor: typeof forwarded === 'string' ? forwarded : forwarded?.join(','),
  }
}

async function deliver(
  options: GatewayOptions,
  exchange: Exchange,
  judgement: Judgement,
  { baseUrl }: Routes,
): Promise<Result> {
  const asked = options.monotonic()
  const { served } = judgement
  const order = orderOf(exchange, judgement, baseUrl)
  if (served === undefined || order === undefined)
    return refuseRequest(exchange, judgement, refuse('not_found'))
  const opened = await served.deliverer.open(order)
  const upstreamMs = options.monotonic() - asked
  if (!opened.ok) {
    const result = refuseRequest(exchange, judgement, opened)
    return { ...result, upstreamMs, ...(exchange.isGone() ? { outcome: 'aborted' as const } : {}) }
  }
  const account = await chargeFor(options, exchange, judgement, opened)
  if ('ok' in account) {
    opened.body?.discard()
    return { ...refuseRequest(exchange, judgement, account), upstreamMs }
  }
  return { ...(await send(exchange, judgement, opened, account)), upstreamMs }
}

const NOTHING: Account = { charged: 0, settle: () => undefined }

/** Charges before the first byte; whatever goes wrong on the way, the body that waits is let go. */
async function chargeFor(
  { accounts }: GatewayOptions,
  exchange: Exchange,
  { token, target, artifact, client, verdict }: Judgement,
  { status, body, extent }: Opened,
): Promise<Account | Refusal> {
  if (token === undefined || target === undefined || artifact === undefined) return NOTHING
  const isPart = body !== null && (status === 200 || status === 206)
  const isCharged = verdict.ok && verdict.charge === 'download' && isPart
  if (!isCharged) return { charged: 0, settle: (sentBytes) => accounts.addBytes(token, sentBytes) }
  if (exchange.isGone()) return NOTHING
  const { owner, repo } = target
  try {
    return await accounts.charge({ token, owner, repo, artifact, client, extent })
  } catch (error) {
    body.discard()
    throw error
  }
}

async function send(
  { response, isGone, wasNeverSent }: Exchange,
  { token }: Judgement,
  opened: Opened,
  account: Account,
): Promise<Omit<Result, 'upstreamMs'>> {
  const { status, body } = opened
  const { charged } = account
  let sent = NOT_SENT
  try {
    if (isGone()) body?.discard()
    else {
      sendHead(response, opened, token !== undefined)
      sent = body === null ? endWithout(response) : await body.send(response)
      if (wasNeverSent()) sent = NOT_SENT
    }
  } finally {
    account.settle(sent.bytes)
  }
  return { status, outcome: outcomeOf(status, sent), bytes: sent.bytes, charged }
}

const NOT_SENT: Sent = { bytes: 0, complete: false, upstreamFailed: false }

function endWithout(response: ServerResponse): Sent {
  response.end()
  return { bytes: 0, complete: true, upstreamFailed: false }
}

function outcomeOf(status: number, { complete, upstreamFailed }: Sent): Outcome {
  if (upstreamFailed) return 'broken'
  if (!complete) return 'aborted'
  if (status === 304) return 'not_modified'
  return status === 200 || status === 206 ? 'delivered' : 'passed'
}

function refuseRequest(
  { request, response }: Exchange,
  judgement: Judgement | undefined,
  refusal: Refusal,
): Result {
  const result = { outcome: refusal.code, charged: 0, upstreamMs: null }
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return { ...result, status: response.statusCode, bytes: 0 }
  }
  const answer = refusalResponse(refusal, {
    challenge: judgement?.target?.entrance === 'basic',
    format: judgement?.served?.repository.format,
    accept: request.headers.accept,
    close: hasBody(request),
  })
  const bytes = sendRefusal(response, request.method ?? '', answer)
  return { ...result, status: answer.status, bytes }
}

function refusalOfError(error: unknown): Refusal {
  return refuse(error instanceof StoreError ? 'store_unavailable' : 'internal_error')
}

function observationOf(
  { method = '', headers }: IncomingMessage,
  judgement: Judgement | undefined,
  result: Result,
  at: number,
  durationMs: number,
): Observation {
  const { target, served, artifact, token, client = '' } = judgement ?? {}
  return {
    at,
    method,
    ...result,
    durationMs,
    client,
    userAgent: headers['user-agent'] ?? null,
    entrance: target?.entrance ?? null,
    repository: served === undefined ? null : `${served.repository.owner}/${served.repository.repo}`,
    artifact: artifact ?? null,
    token: token === undefined ? null : { slugPerm: token.record.slugPerm, name: token.record.name },
  }
}

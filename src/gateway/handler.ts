import type { Writable } from 'node:stream'
import type { Opened, Sent } from '../deliver/contract.ts'
import { endWith } from '../deliver/sink.ts'
import { refusalResponse } from '../http/refusal-response.ts'
import { refuse, type Refusal } from '../policy/refusal.ts'
import { StoreError } from '../store/contract.ts'
import type { Observation, Outcome } from '../telemetry/observation.ts'
import type { Account, Accounts } from './accounts.ts'
import { answerForm, canBeChallenged } from './answer-form.ts'
import { sendHead, sendRefusal } from './answer.ts'
import { authorize, isShown, type AuthorizeOptions, type Judgement } from './authorize.ts'
import { deliveringOf, NO_ANSWER, NOTHING } from './delivering.ts'
import { answerDiscovery } from './discovery.ts'
import { acceptEula, type Accepting, type AcceptOptions } from './eula/accept.ts'
import { answerAcceptance } from './eula/answer-acceptance.ts'
import type { Exchange, RequestHead } from './exchange.ts'
import { sendByAccel, type AccelOptions } from './offload/accel.ts'
import { answerLogin, loginText } from './login.ts'
import { observationOf, type Result } from './observation.ts'
import { openOrder } from './open.ts'
import { orderOf } from './order.ts'
import { answerPage, asRefusalPage, type PageOptions } from './page/answer-page.ts'
import type { Brand } from './page/settings.ts'
import { judgePublication } from './published.ts'
import { answerGreeting, refine } from './registry.ts'
import type { Routes } from './routes.ts'
import { warningsFor } from './warnings.ts'

export interface GatewayOptions extends AuthorizeOptions, AccelOptions {
  readonly routes: () => Routes
  readonly accounts: Accounts
  readonly page: PageOptions
  readonly accept: AcceptOptions
  readonly observe: (observation: Observation) => void
  /** The response to a request is over. */
  readonly ended: () => void
  /** Told of what should never happen, and of a store that does not answer. */
  readonly onError: (error: unknown) => void
}

/** The handler of the data path: judges, charges, delivers, settles and observes each request. Never rejects. */
export function createGateway(options: GatewayOptions): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const [at, started] = [options.clock(), options.monotonic()]
    const { judgement, result } = await respond(options, exchange)
    const durationMs = options.monotonic() - started
    options.ended()
    if (result.isObservedLater !== true)
      options.observe(observationOf(exchange.request, judgement, result, at, durationMs))
  }
}

async function respond(
  options: GatewayOptions,
  exchange: Exchange,
): Promise<{ judgement: Judgement | undefined; result: Result }> {
  let judgement: Judgement | undefined
  const { flaw } = exchange.request
  if (flaw !== undefined) return { judgement, result: refuseRequest(exchange, judgement, flaw) }
  try {
    const routes = options.routes()
    const judging = authorize(readRequest(exchange.request), routes, options)
    judgement = judging instanceof Promise ? await judging : judging
    const { verdict } = judgement
    const isUnread = exchange.request.hasBody && !judgement.isAccepting
    const refusal = isUnread && verdict.ok ? refuse('request_malformed', BODY) : verdict
    const result = refusal.ok
      ? await answer(options, exchange, judgement, routes)
      : refuseRequest(exchange, judgement, refusal, routes.brand)
    return { judgement, result }
  } catch (error) {
    options.onError(error)
    return { judgement, result: refuseRequest(exchange, judgement, refusalOfError(error)) }
  }
}

const BODY = { why: 'a body came with a request that has none' }

function readRequest({ method, target, host, headers, rawHeaders, peer }: RequestHead) {
  const forwarded = headers['x-forwarded-for']
  return {
    method,
    target,
    host,
    rawHeaders,
    peer,
    accept: headers.accept,
    userAgent: headers['user-agent'],
    forwardedFor: typeof forwarded === 'string' ? forwarded : forwarded?.join(','),
  }
}

function answer(
  options: GatewayOptions,
  exchange: Exchange,
  judgement: Judgement,
  routes: Routes,
): Result | Promise<Result> {
  const { served, token } = judgement
  if (judgement.isAccepting)
    return served === undefined || token === undefined
      ? refuseRequest(exchange, judgement, refuse('not_found'))
      : accept(options, exchange, { ...judgement, served, token }, routes)
  if (served !== undefined && isShown(judgement))
    return answerPage(options.page, exchange, { ...judgement, served }, routes)
  if (judgement.target?.isGreeting === true) return answerGreeting(exchange)
  if (judgement.target?.isDiscovery === true) return answerDiscovery(exchange, judgement)
  const login = loginText(judgement)
  return login === undefined ? deliver(options, exchange, judgement, routes) : answerLogin(exchange, login)
}

async function accept(
  { accept: options }: GatewayOptions,
  exchange: Exchange,
  accepting: Accepting,
  { brand }: Routes,
): Promise<Result> {
  const accepted = await acceptEula(options, exchange.request, accepting)
  if ('code' in accepted) {
    const isSeen = /\btext\/html\b/i.test(exchange.request.headers.accept ?? '')
    return refuseRequest(exchange, { ...accepting, view: isSeen ? 'html' : undefined }, accepted, brand)
  }
  const { owner, repo } = accepting.served.repository
  return answerAcceptance(exchange, `${owner}/${repo}`, accepted)
}

async function deliver(
  options: GatewayOptions,
  exchange: Exchange,
  judgement: Judgement,
  { baseUrl }: Routes,
): Promise<Result> {
  const { served, token } = judgement
  const order = orderOf(exchange, judgement, baseUrl)
  if (served === undefined || order === undefined)
    return refuseRequest(exchange, judgement, refuse('not_found'))
  const heldBack = token && options.accounts.holdBack(token)
  if (heldBack !== undefined) return refuseRequest(exchange, judgement, heldBack)
  const offloaded =
    served.accel === undefined ? undefined : await sendByAccel(options, exchange, judgement, order)
  if (offloaded !== undefined)
    return 'ok' in offloaded ? refuseRequest(exchange, judgement, offloaded) : offloaded
  const asked = options.monotonic()
  const opening = openOrder(judgement, served, order)
  const opened = opening instanceof Promise ? await opening : opening
  const upstreamMs = options.monotonic() - asked
  if (!opened.ok) return { ...(await refuseUnopened(options, exchange, judgement, opened)), upstreamMs }
  const refined = refine(judgement, opened)
  const about = refined.artifact === undefined ? {} : { artifact: refined.artifact }
  const account = await chargeFor(options, exchange, refined, opened)
  if ('ok' in account) {
    opened.body?.discard()
    return { ...refuseRequest(exchange, judgement, account), upstreamMs, ...about }
  }
  return { ...(await send(options, exchange, refined, opened, account)), upstreamMs, ...about }
}

/** "Not found" is an answer of the storage like any other: asking for it counts for the rate. */
async function refuseUnopened(
  { accounts }: GatewayOptions,
  exchange: Exchange,
  judgement: Judgement,
  refusal: Refusal,
): Promise<Result> {
  const gone = exchange.isGone()
  const delivering = refusal.code === 'not_found' && !gone ? deliveringOf(judgement, NO_ANSWER) : undefined
  const account = delivering && (await accounts.charge(delivering))
  if (account !== undefined && 'ok' in account) return refuseRequest(exchange, judgement, account)
  void account?.settle(0)
  const result = refuseRequest(exchange, judgement, refusal)
  return gone ? { ...result, outcome: 'aborted' } : result
}

/** Charges before the first byte; whatever goes wrong on the way, the body that waits is let go. */
async function chargeFor(
  { accounts }: GatewayOptions,
  exchange: Exchange,
  judgement: Judgement,
  opened: Opened,
): Promise<Account | Refusal> {
  const { token, verdict } = judgement
  const delivering = deliveringOf(judgement, opened)
  if (token === undefined || delivering === undefined || !verdict.ok) return NOTHING
  const tooLate = judgePublication(token, verdict, opened)
  if (tooLate !== undefined) return tooLate
  if (exchange.isGone()) return NOTHING
  try {
    return await accounts.charge(delivering)
  } catch (error) {
    opened.body?.discard()
    throw error
  }
}

async function send(
  options: GatewayOptions,
  { reply, isGone, wasNeverSent, over }: Exchange,
  judgement: Judgement,
  opened: Opened,
  account: Account,
): Promise<Omit<Result, 'upstreamMs'>> {
  const { status, body, handedOver } = opened
  const { charged, mostBytes } = account
  const at = options.clock()
  let sent = NOT_SENT
  try {
    if (isGone()) body?.discard()
    else {
      sendHead(reply, opened, warningsFor(options, judgement, account))
      const whole = body?.whole?.()
      if (body === null) sent = endWithout(reply.body, opened)
      else if (whole !== undefined && whole.length <= mostBytes) {
        endWith(reply.body, whole)
        sent = { bytes: whole.length, complete: await over(), upstreamFailed: false }
      } else sent = await body.send(reply.body, mostBytes)
      if (wasNeverSent()) sent = NOT_SENT
    }
  } finally {
    void account.settle(sent.bytes)
  }
  const handed = sent.complete ? handedOver : undefined
  const delivering = handed && deliveringOf(judgement, opened)
  if (handed !== undefined && delivering !== undefined)
    options.offloads.beginLink(handed.id, { delivering, charged, size: sent.bytes, at })
  const outcome = handed === undefined ? outcomeOf(status, sent) : 'handed_over'
  return { status, outcome, bytes: sent.bytes, charged, ...(handed && { handedOver: handed.id }) }
}

const NOT_SENT: Sent = { bytes: 0, complete: false, upstreamFailed: false }

/** What is handed over counts as sent in full, for nobody here will hear of it. */
function endWithout(response: Writable, { handedOver, extent }: Opened): Sent {
  response.end()
  const bytes = handedOver === undefined ? 0 : extent.end - extent.start
  return { bytes, complete: true, upstreamFailed: false }
}

function outcomeOf(status: number, { complete, upstreamFailed, reachedLimit }: Sent): Outcome {
  if (upstreamFailed) return 'broken'
  if (reachedLimit) return 'bandwidth_used_up'
  if (!complete) return 'aborted'
  if (status === 304) return 'not_modified'
  return status === 200 || status === 206 ? 'delivered' : 'passed'
}

/** `brand`: of the page that a browser is shown in place of a text, where it asked for a page. */
function refuseRequest(
  { request, reply }: Exchange,
  judgement: Judgement | undefined,
  refusal: Refusal,
  brand?: Brand,
): Result {
  const result = { outcome: refusal.code, charged: 0, upstreamMs: null }
  const begun = reply.begun()
  if (begun !== undefined) {
    reply.cut()
    return { ...result, status: begun, bytes: 0 }
  }
  const { accept: accepted } = request.headers
  const plain = refusalResponse(refusal, {
    challenge: canBeChallenged(judgement),
    form: answerForm(judgement, request.target, accepted),
    accept: accepted,
    close: reply.ownsConnection && request.hasBody,
  })
  const isPage = judgement?.view === 'html' && brand !== undefined
  const rendered = isPage ? asRefusalPage(plain, brand) : plain
  const bytes = sendRefusal(reply, request.method, rendered)
  return { ...result, status: rendered.status, bytes }
}

function refusalOfError(error: unknown): Refusal {
  return refuse(error instanceof StoreError ? 'store_unavailable' : 'internal_error')
}

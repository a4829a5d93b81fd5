import type { Refusal } from '../../policy/refusal.ts'
import { askWire, failed, type WireAnswer } from '../ask-wire.ts'
import { askingFailure } from '../away.ts'
import type { DeliveryOrder } from '../contract.ts'
import { collect } from '../rewrite/collect.ts'
import type { WireClient } from '../wire/client.ts'
import type { CredentialProvider, Credentials } from './credentials/contract.ts'
import { isExpired, judgeReason, readReason, type Reason } from './reason.ts'
import { createSecondTry, type FirstTry, type SecondTryOptions, type Told } from './second-try.ts'
import type { Signable, Signer } from './sign.ts'

export interface AskOptions extends SecondTryOptions {
  readonly client: WireClient
  /** As it stands in requests: with its port, unless that is the usual one. */
  readonly host: string
  readonly signer: Signer
  readonly credentials: CredentialProvider
  /** Epoch ms. */
  readonly clock: () => number
  readonly onFailure: (error: Error) => void
}

interface Question extends Signable {
  /** Names in lower case. What is signed is added. */
  readonly headers: Readonly<Record<string, string>>
  readonly onGone: DeliveryOrder['onGone']
  readonly customer?: DeliveryOrder['customer']
}

/** Gives an answer that says something about the file (200, 206, 304, 412, 416), or a refusal. Never rejects. */
export type Ask = (question: Question) => Promise<WireAnswer | Refusal>

/**
 * Makes what asks S3, signed. Whatever else it answers is looked into for its reason: "not there" is `not_found`, everything else is a
 * failure that the operator is told of. When the credentials have expired, it is asked once more with new ones; and once more, after a pause, when it
 * says that it can't answer now.
 */
export function createAsk(options: AskOptions): Ask {
  const { monotonic, onFailure } = options
  const tryAgain = createSecondTry(options)
  return async (question) => {
    try {
      const at = monotonic()
      const first = await askWithCredentials(options, question)
      if (!isReason(first)) return first
      const again: FirstTry['again'] = (onGone) => askWithCredentials(options, { ...question, onGone }, first)
      const told = await tryAgain({ reason: first, at, onGone: question.onGone, again })
      return isReason(told) ? conclude(told, onFailure) : told
    } catch (error) {
      return failed(error instanceof Error ? error : new Error(String(error)), onFailure)
    }
  }
}

/** Seconds: S3 makes room for more requests by and by. */
const RETRY_AFTER = 5

function conclude(reason: Reason, onFailure: (error: Error) => void): Refusal {
  const judged = judgeReason(reason)
  if (!(judged instanceof Error)) return judged
  const refusal = failed(judged, onFailure)
  return reason.passes ? { ...refusal, facts: { retryAfter: RETRY_AFTER } } : refusal
}

/** `before`: the reason that it gave when it was asked this before. */
async function askWithCredentials(options: AskOptions, question: Question, before?: Reason): Promise<Told> {
  const { credentials } = options
  const used = await currentOf(credentials)
  const told = await ask(options, question, used, before)
  if (!isReason(told) || !isExpired(told)) return told
  credentials.renew(used)
  const renewed = await currentOf(credentials)
  return renewed === used ? told : ask(options, question, renewed, before)
}

/** Without credentials it is as good as away: another storage may have what it needs. */
async function currentOf(credentials: CredentialProvider): Promise<Credentials> {
  try {
    return await credentials.current()
  } catch (error) {
    throw askingFailure(error)
  }
}

function isReason(told: Told): told is Reason {
  return 'isForbidden' in told
}

const ABOUT_FILE: ReadonlySet<number> = new Set([200, 206, 304, 412, 416])

async function ask(
  options: AskOptions,
  question: Question,
  credentials: Credentials,
  before?: Reason,
): Promise<Told> {
  const answered = await askOnce(options, question, credentials)
  if ('ok' in answered || ABOUT_FILE.has(answered.status)) return answered
  if (question.method === 'GET') return readReason(answered.status, await textOf(answered))
  // An answer to HEAD has no body, and without it no reason.
  answered.body.discard()
  if (answered.status === before?.status) return before
  const probe = { ...question, method: 'GET', headers: FIRST_BYTE } as const
  const probed = await ask(options, probe, credentials)
  if (isReason(probed) || 'ok' in probed) return probed
  probed.body.discard()
  // What it did not give a moment ago it gives now.
  return { ...readReason(answered.status, ''), passes: answered.status >= 500 }
}

const FIRST_BYTE = { range: 'bytes=0-0' } as const

function askOnce(
  { client, host, signer, clock, onFailure }: AskOptions,
  { method, path, headers, onGone, customer }: Question,
  credentials: Credentials,
): Promise<WireAnswer | Refusal> {
  const signed = { ...headers, ...signer.headersFor({ method, path }, host, credentials, clock()) }
  return new Promise((resolve) => {
    askWire({ client, request: { method, path, headers: signed }, onGone, customer, onFailure }, resolve)
  })
}

const LONGEST_REASON = 64 * 1024

async function textOf({ body }: WireAnswer): Promise<string> {
  const content = await collect(body, LONGEST_REASON).catch(() => undefined)
  return content?.toString() ?? ''
}

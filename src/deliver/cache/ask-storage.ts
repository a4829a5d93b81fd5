import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { Deliverer, DeliveryOrder, Opened } from '../contract.ts'
import { withoutConditions } from '../request-headers.ts'
import type { ObjectShelf, Slot } from './object-store.ts'
import { answerHead, refreshAnswer, type AnswerHead, type StoredAnswer } from './stored-answer.ts'
import { takeWhole } from './take-whole.ts'
import { variantOf, varyingHeaders } from './vary.ts'

/** What came of asking the storage on behalf of several clients. */
export type Outcome =
  /** For everybody whose request headers select this variant. `isSame`: the storage said 304. */
  | { readonly kind: 'answer'; readonly stored: StoredAnswer; readonly isSame: boolean }
  /** For the client alone in whose name the storage was asked: a redirect holds its secret, a body can be read once only. */
  | { readonly kind: 'apart'; readonly opened: Opened | Refusal }
  /** For nobody: the rest of the object did not come in time. */
  | { readonly kind: 'slow' }

export interface AskOptions {
  readonly inner: Deliverer
  readonly shelf: ObjectShelf
  readonly maxObjectBytes: number
  readonly defaultTtlMs: number
  /** Longest wait for the rest of an object. */
  readonly patienceMs: number
  /** Epoch ms. */
  readonly clock: () => number
}

/** What the storage is asked. */
export interface Question {
  /** In whose name. What it says about parts and versions does not count. */
  readonly order: DeliveryOrder
  /** Where the answer was looked for on the shelf. */
  readonly key: string
  /** An answer that may still be the current one. */
  readonly known: StoredAnswer | undefined
  /** The shelf's, when the storage was asked. */
  readonly era: number
  /** Monotonic ms. */
  readonly requestedAt: number
  /** Whether several clients wait for the answer by now. */
  readonly isShared: () => boolean
}

/** How long it is remembered that something can't be kept. */
const PASSED_MS = 60_000

/** Asks for the whole object, or whether the known one is current, and keeps what may be kept. */
export async function askStorage(options: AskOptions, question: Question): Promise<Outcome> {
  const { order, known, key } = question
  const headers = { ...withoutConditions(order.headers), ...known?.revalidation }
  const opened = await options.inner.open({ ...order, method: 'GET', headers })
  if (opened.ok && opened.status === 304 && known !== undefined) {
    return renew(options, question, known, opened.headers)
  }
  if (opened.ok && opened.status === 200) return take(options, question, opened)
  const isGone = opened.ok || opened.code === 'not_found'
  if (isGone) options.shelf.remove(key)
  return { kind: 'apart', opened }
}

async function renew(
  options: AskOptions,
  question: Question,
  known: StoredAnswer,
  headers: readonly string[],
): Promise<Outcome> {
  const stored = refreshAnswer(known, headers, timingOf(options, question))
  if (stored === undefined) return askStorage(options, { ...question, known: undefined })
  put(options, question, stored.varies.names, stored)
  return { kind: 'answer', stored, isSame: true }
}

async function take(options: AskOptions, question: Question, opened: Opened): Promise<Outcome> {
  const { body, extent } = opened
  const head = headOf(options, question, opened)
  if (body === null || head === undefined || extent.size === null || extent.size > options.maxObjectBytes) {
    pass(options, question, opened)
    return { kind: 'apart', opened }
  }
  if (!question.isShared() && !options.shelf.isWorth(question.order.artifact.path, extent.size)) {
    options.shelf.remove(question.key)
    return { kind: 'apart', opened }
  }
  const content = await takeWhole(body, extent.size, options.patienceMs)
  if (content === 'broken') return { kind: 'apart', opened: refuse('upstream_failed') }
  if (content === 'late') {
    pass(options, question, opened)
    return { kind: 'slow' }
  }
  const stored = { ...head, content, size: content.length, source: opened.source }
  put(options, question, head.varies.names, stored)
  return { kind: 'answer', stored, isSame: false }
}

/** undefined: it must not be kept. */
function headOf(options: AskOptions, question: Question, opened: Opened): AnswerHead | undefined {
  const names = varyingHeaders(opened.headers, question.order)
  if (names === undefined || opened.personal === true) return undefined
  const varies = { names, variant: variantOf(names, question.order.headers) }
  return answerHead(opened.headers, varies, timingOf(options, question))
}

function timingOf({ clock, defaultTtlMs }: AskOptions, { requestedAt }: Question) {
  return { requestedAt, receivedAt: clock(), defaultTtlMs }
}

function pass(options: AskOptions, question: Question, { headers }: Opened): void {
  const slot = { kind: 'passed', until: question.requestedAt + PASSED_MS } as const
  put(options, question, varyingHeaders(headers, question.order), slot)
}

/** `names`: undefined for an answer that depends on what nobody knows. */
function put(
  { shelf }: AskOptions,
  { order, key, era }: Question,
  names: readonly string[] | undefined,
  slot: Slot,
): void {
  const { path } = order.artifact
  if (names === undefined) return shelf.write(key, slot, era)
  if (names.length > 0) shelf.write(path, { kind: 'varied', names }, era)
  shelf.write(path + variantOf(names, order.headers), slot, era)
}

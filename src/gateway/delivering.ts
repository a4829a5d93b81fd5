import type { Body, Opened } from '../deliver/contract.ts'
import type { Account } from './accounts.ts'
import type { Judgement } from './authorize.ts'
import { kindOf, type Delivering } from './charge-request.ts'

/** What an answer costs that is nobody's. */
export const NOTHING: Account = {
  charged: 0,
  mostBytes: Infinity,
  counters: undefined,
  settle: () => undefined,
}

/** What is charged of an answer. */
type Charged = Pick<Opened, 'status' | 'extent' | 'handedOver'> & {
  readonly body: Pick<Body, 'whole'> | null
}

/** A storage that has no such file. */
export const NO_ANSWER: Charged = {
  status: 404,
  body: null,
  extent: { start: 0, end: 0, size: 0 },
}

/** What the accounts have to know; undefined for what is nobody's: public repositories. */
export function deliveringOf(
  { token, target, served, artifact, client, verdict }: Judgement,
  { status, body, extent, handedOver }: Charged,
): Delivering | undefined {
  if (token === undefined || target === undefined || artifact === undefined || !verdict.ok) return undefined
  const { owner, repo } = target
  const servesCached = served?.servesCached === true
  // Of an empty file nobody could tell afterwards whether it was delivered: it costs nothing.
  const hasBytes = body !== null && extent.size !== 0 && (status === 200 || status === 206)
  const kind = kindOf(verdict, hasBytes || handedOver !== undefined)
  const isReady = body?.whole?.() !== undefined || handedOver !== undefined
  return { token, owner, repo, artifact, client, kind, extent, isReady, servesCached }
}

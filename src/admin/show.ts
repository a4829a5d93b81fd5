import { periodStart } from '../policy/reset.ts'
import { scheduleOf } from '../policy/schedule.ts'
import { SECRET_MASK } from '../policy/secret.ts'
import type { StoredToken, Usage } from '../store/contract.ts'
import { json, type Answer } from './answer.ts'
import { etagOfToken } from './etag.ts'
import type { AdminOptions } from './options.ts'
import { reachOf } from './reach.ts'
import type { Call } from './routes.ts'
import { renderToken } from './token-output.ts'

const UNUSED: Usage = { epoch: 0, downloads: 0, clients: 0, bytes: 0, lastUsedAt: null, resetAt: null }

/** What each of the tokens has used in its counting period, in their order. */
export function readUsage(
  { store, clock }: AdminOptions,
  tokens: readonly StoredToken[],
): Promise<readonly Usage[]> {
  const now = clock()
  return store.usage.read(
    tokens.map((token) => ({ token: token.slugPerm, periodStart: periodStart(scheduleOf(token), now) })),
  )
}

/** The answer with a token, see `show`. */
export function answerToken(
  options: AdminOptions,
  call: Call,
  token: StoredToken,
  { status = 200, usage }: { readonly status?: number; readonly usage?: Usage | undefined } = {},
): Answer {
  return json(status, show(options, call, token, usage), { ETag: etagOfToken(token) })
}

/** True for a query parameter that is set: Cloudsmith's Python client sends `True`, its Go client `true`. */
export function isSet(value: string | undefined): boolean {
  return value === '1' || value?.toLowerCase() === 'true'
}

/**
 * A token as `call` asks to see it: with its secret only if `show_tokens` is set, and to somebody who may have it in all repositories that it
 * opens. `usage` undefined: never used.
 */
export function show(
  options: AdminOptions,
  call: Call,
  token: StoredToken,
  usage?: Usage,
): Record<string, unknown> {
  const now = options.clock()
  const { principal } = call
  const maySee = principal.can('tokens:secrets') && principal.coversGlobs(reachOf(token))
  const secret = maySee && isSet(call.query('show_tokens')) ? unseal(options, token) : SECRET_MASK
  const unused = { ...UNUSED, resetAt: periodStart(scheduleOf(token), now) }
  return renderToken(token, { secret, usage: usage ?? unused, base: call.base, now })
}

/** A secret that was sealed under another server key stays hidden; the others of a list are still shown. */
function unseal({ keeper, onError }: AdminOptions, token: StoredToken): string {
  try {
    return keeper.unseal(token.sealedSecret)
  } catch (cause) {
    onError(new Error(`The secret of token ${token.slugPerm} can't be unsealed`, { cause }))
    return SECRET_MASK
  }
}

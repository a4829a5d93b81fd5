import { rightsOf } from '../policy/roles.ts'
import type { ApiKey } from '../store/contract.ts'
import type { Answer } from './answer.ts'
import { forbidden, type FieldErrors } from './errors.ts'
import { formatInstant } from './instants.ts'
import type { Principal, Rights } from './principal.ts'

const TOO_MUCH = 'No key may give more than it has itself.'
const TOO_STRONG = 'This key may do more than yours, in more repositories or for longer.'
const ONESELF = 'A key can’t end or narrow itself; another one has to.'

/** The answer to a principal who wants a key with more rights than their own; undefined: it has no more. */
export function refuseRights(principal: Principal, rights: Rights): Answer | undefined {
  const excess = excessOf(principal, rights)
  return excess.size === 0 ? undefined : forbidden(TOO_MUCH, excess)
}

/**
 * The answer to a principal who may not manage `key`: it has more rights than theirs, or, when it is to be `ended`, is their own. Whoever
 * ends a key so has no less, and stays: no change by itself takes away the last key that may do everything.
 */
export function refuseManaging(
  principal: Principal,
  key: ApiKey,
  { ended }: { readonly ended: boolean },
): Answer | undefined {
  if (ended && key.id === principal.id) return forbidden(ONESELF)
  return excessOf(principal, key).size === 0 ? undefined : forbidden(TOO_STRONG)
}

function excessOf(principal: Principal, { role, repositories, expiresAt }: Rights): FieldErrors {
  const errors = new Map<string, readonly string[]>()
  if (!rightsOf(role).every(principal.can)) errors.set('role', ['Your key may not do all of this.'])
  if (!principal.coversGlobs(repositories)) {
    errors.set('repositories', ['Your key does not cover all of these.'])
  }
  const end = principal.expiresAt
  if (end !== null && (expiresAt === null || expiresAt > end)) {
    errors.set('expires_at', [`This may lie no later than the end of your own key, ${formatInstant(end)}.`])
  }
  return errors
}

import { isOwnerLevel, WHOLE_OWNER } from '../policy/owner-level.ts'
import type { TokenRecord } from '../policy/types.ts'
import type { Answer } from './answer.ts'
import { forbidden, type FieldErrors } from './errors.ts'
import type { Principal } from './principal.ts'
import type { TokenInput } from './token-fields.ts'

/** Globs of the repositories that a token opens. */
export function reachOf({ owner, repo, repositories }: TokenRecord): readonly string[] {
  return repositories ?? [`${owner}/${repo}`]
}

/**
 * What a token that belongs to its owner opens: repositories of the owner and no others, all of them unless it names some. An owner is where
 * tenants part: whoever may look after all of an owner's repositories may so look after all of the owner's tokens, and a secret that is given
 * out once for the owner can be that of no other token there.
 */
export function placeReach(
  home: Pick<TokenRecord, 'owner' | 'repo'>,
  input: TokenInput,
): { readonly ok: true; readonly input: TokenInput } | { readonly ok: false; readonly errors: FieldErrors } {
  const { repositories } = input
  if (!isOwnerLevel(home) || repositories === undefined) return { ok: true, input }
  const { owner } = home
  if (repositories === null)
    return { ok: true, input: { ...input, repositories: [`${owner}/${WHOLE_OWNER}`] } }
  const outside = repositories.flatMap((glob, index) => (glob.startsWith(`${owner}/`) ? [] : [index]))
  if (outside.length === 0) return { ok: true, input }
  const why = `A token that belongs to ${owner} opens repositories of ${owner} only, like ${owner}/*.`
  return { ok: false, errors: new Map([['repositories', outside.map((index) => `[${index}] ${why}`)]]) }
}

/** The answer to a principal who wants a token to open more than they cover; undefined: it is no more. */
export function refuseReach(principal: Principal, { repositories }: TokenInput): Answer | undefined {
  const beyond = (repositories ?? []).flatMap((glob, index) => (principal.coversGlobs([glob]) ? [] : [index]))
  if (beyond.length === 0) return undefined
  const messages = beyond.map((index) => `[${index}] Your key does not cover all of this.`)
  return forbidden(
    'A token may open no repository that your key does not cover.',
    new Map([['repositories', messages]]),
  )
}

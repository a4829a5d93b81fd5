import type { TokenRecord } from '../policy/types.ts'
import type { Answer } from './answer.ts'
import { forbidden } from './errors.ts'
import type { Principal } from './principal.ts'
import type { TokenInput } from './token-fields.ts'

/** Globs of the repositories that a token opens. */
export function reachOf({ owner, repo, repositories }: TokenRecord): readonly string[] {
  return repositories ?? [`${owner}/${repo}`]
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

import { isOwnerLevel, WHOLE_OWNER } from '../policy/owner-level.ts'
import type { StoredToken } from '../store/contract.ts'
import type { Answer } from './answer.ts'
import { forbidden, notFound } from './errors.ts'
import { isName } from './names.ts'
import type { AdminOptions } from './options.ts'
import { reachOf } from './reach.ts'
import type { Call, Handler } from './routes.ts'

/** A configured repository; where tokens belong to the owner, WHOLE_OWNER stands for one. */
export interface Place {
  readonly owner: string
  readonly repo: string
}

const TOO_FAR = 'This token opens repositories that your key does not cover.'
/** The form of permanent ids. */
export const SLUG_PERM: RegExp = /^[-A-Za-z0-9_]{1,64}$/

/** Calls `handle` with the repository of the path; 404 when it is not configured. */
export function inRepository(
  { repositories }: AdminOptions,
  handle: (call: Call, place: Place) => Promise<Answer>,
): Handler {
  return (call) => {
    const [owner, repo] = [call.param('owner'), call.param('repo')]
    // Parameters are decoded: one may hold a slash.
    if (!isName(owner) || !isName(repo) || !repositories().has(`${owner}/${repo}`)) return notFound()
    return handle(call, { owner, repo })
  }
}

/** The same, also for the tokens of an owner that has repositories. */
export function atHome(
  options: AdminOptions,
  handle: (call: Call, place: Place) => Promise<Answer>,
): Handler {
  const ofRepository = inRepository(options, handle)
  const ofTheOwner = ofOwner(options, (call, owner) => handle(call, { owner, repo: WHOLE_OWNER }))
  return (call) => (isOwnerLevel({ repo: call.param('repo') }) ? ofTheOwner(call) : ofRepository(call))
}

/** The path of a token, below that of the API. */
export function pathOfToken({ owner, repo, slugPerm }: StoredToken): string {
  const home = isOwnerLevel({ repo }) ? owner : `${owner}/${repo}`
  return `entitlements/${home}/${slugPerm}`
}

/** Calls `handle` with the owner of the path and what is configured of theirs; 404 when that is nothing. */
export function ofOwner(
  { repositories }: AdminOptions,
  handle: (call: Call, owner: string, places: readonly Place[]) => Promise<Answer>,
): Handler {
  return (call) => {
    const owner = call.param('owner')
    const places = [...repositories().values()].filter((each) => each.owner === owner)
    return isName(owner) && places.length > 0 ? handle(call, owner, places) : notFound()
  }
}

/**
 * Calls `handle` with the token of the path; 404 when its repository, or owner, has none of that id. What opens a repository that the sender does not
 * cover can be read only: 403.
 */
export function onToken(
  options: AdminOptions,
  handle: (call: Call, token: StoredToken) => Promise<Answer>,
): Handler {
  return atHome(options, async (call, { owner, repo }) => {
    const slugPerm = call.param('slug_perm')
    if (!SLUG_PERM.test(slugPerm)) return notFound()
    const token = await options.store.tokens.read(owner, repo, slugPerm)
    if (token === undefined) return notFound()
    const isChanged = call.method !== 'GET'
    return isChanged && !call.principal.coversGlobs(reachOf(token)) ? forbidden(TOO_FAR) : handle(call, token)
  })
}

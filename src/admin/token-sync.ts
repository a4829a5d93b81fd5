import { z } from 'zod'
import type { StoredToken } from '../store/contract.ts'
import { json, type Answer } from './answer.ts'
import { forbidden, invalid, notFound, type FieldErrors } from './errors.ts'
import { fieldErrorsOf } from './field-errors.ts'
import { wanted } from './field-schemas.ts'
import { isName } from './names.ts'
import { noteOf } from './note.ts'
import type { AdminOptions } from './options.ts'
import type { Place } from './places.ts'
import { reachOf } from './reach.ts'
import type { Call } from './routes.ts'
import { show } from './show.ts'

/** Tokens of a repository that are copied or replaced at once: the stores do it in one step, during which all others wait. */
export const MOST_SYNCED = 1_000

const SOURCE = 'This field must be the name of another repository of the same owner.'
const TOO_FAR = 'A token of one of the repositories opens more than your key covers.'

export const SYNC_BODY: z.ZodType<{ readonly source: string }> = z.strictObject(
  { source: z.string(wanted('text')).refine(isName, SOURCE) },
  'There is no such field.',
)

/**
 * Replaces the tokens of a repository by copies of those of another one of the same owner. The copies have all settings of theirs, the secret
 * included, and counters at zero. All of it happens or nothing.
 */
export async function syncTokens(options: AdminOptions, call: Call, target: Place): Promise<Answer> {
  const given = Object.hasOwn(call.body, 'source') ? call.body : { source: undefined, ...call.body }
  const read = SYNC_BODY.safeParse(given)
  if (!read.success) return invalid(explain(fieldErrorsOf(read.error), given))
  const source: Place = { owner: target.owner, repo: read.data.source }
  if (source.repo === target.repo) return wrongSource('This is the repository itself.')
  // One that the key does not cover looks like one that is not there.
  const isThere = options.repositories().has(`${source.owner}/${source.repo}`)
  if (!isThere || !call.principal.coversRepository(source.owner, source.repo)) {
    return notFound(new Map([['source', ['There is no such repository.']]]))
  }
  return replaceTokens(options, call, source, target)
}

async function replaceTokens(
  options: AdminOptions,
  call: Call,
  source: Place,
  target: Place,
): Promise<Answer> {
  const at = options.clock()
  let refusal: Answer | undefined
  const made = await options.store.tokens.sync({
    source,
    target,
    most: MOST_SYNCED,
    at,
    plan: (from, replaced) => {
      const copies = from.map((token) => copyOf(options, call, token, target, at))
      refusal = refuse(call, from, replaced, copies)
      return refusal === undefined ? copies : undefined
    },
    noteOf: (event) => ({ ...noteOf(options, call, event), at }),
  })
  if (made === undefined) return refusal ?? notFound()
  return json(200, { tokens: made.map((token) => show(options, call, token)) })
}

function refuse(
  { principal }: Call,
  from: readonly StoredToken[],
  replaced: readonly StoredToken[],
  copies: readonly StoredToken[],
): Answer | undefined {
  if (from.length === 0) {
    return wrongSource('This repository has no tokens: none would be left. If that is meant, delete them.')
  }
  if (Math.max(from.length, replaced.length) > MOST_SYNCED) {
    return wrongSource(`At most ${MOST_SYNCED} tokens can be copied or replaced at once.`)
  }
  const isCovered = [...replaced, ...copies].every((token) => principal.coversGlobs(reachOf(token)))
  return isCovered ? undefined : forbidden(TOO_FAR)
}

/**
 * A token for another repository. What its owner can still do with a previous secret, or of a window that has begun, goes with it: a sync must
 * neither lock customers out nor give them a second trial. Where its list of repositories names the one that it comes from, the copy's
 * names the new one.
 */
function copyOf(
  { newId }: Pick<AdminOptions, 'newId'>,
  call: Call,
  token: StoredToken,
  { owner, repo }: Place,
  at: number,
): StoredToken {
  const [own, next] = [`${token.owner}/${token.repo}`, `${owner}/${repo}`]
  const repositories = token.repositories?.map((glob) => (glob === own ? next : glob)) ?? null
  return {
    ...token,
    owner,
    repo,
    repositories: repositories && [...new Set(repositories)],
    slugPerm: newId(),
    secretUsedAt: null,
    previousSecretUsedAt: null,
    createdAt: at,
    createdBy: call.actor.name,
    updatedAt: null,
    updatedBy: null,
  }
}

function explain(errors: FieldErrors, given: Readonly<Record<string, unknown>>): FieldErrors {
  return given['source'] === undefined
    ? new Map([...errors, ['source', ['This field is required.']]])
    : errors
}

function wrongSource(message: string): Answer {
  return invalid(new Map([['source', [message]]]))
}

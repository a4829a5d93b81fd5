import type { AuditEvent } from '../policy/audit-event.ts'
import { generateSecret } from '../policy/secret.ts'
import type { TokenFields } from '../policy/types.ts'
import { StoreError, type StoredToken, type TokenChange, type Usage } from '../store/contract.ts'
import { STORED_TOKEN_DEFAULTS } from '../store/stored-token.ts'
import type { Answer } from './answer.ts'
import type { Expected } from './edits.ts'
import { invalid, notFound } from './errors.ts'
import { endPrevious, GRACE_FIELD, readGrace, replaceSecret } from './grace.ts'
import { noteOf } from './note.ts'
import type { AdminOptions } from './options.ts'
import type { Place } from './places.ts'
import { placeReach, refuseReach } from './reach.ts'
import type { Call } from './routes.ts'
import { answerToken, readUsage } from './show.ts'
import type { TokenInput } from './token-fields.ts'
import { checkChange, checkCreation } from './token-input.ts'

/** Creates a token; its secret is made here unless the body brings one. */
export async function createToken(options: AdminOptions, call: Call, place: Place): Promise<Answer> {
  const now = options.clock()
  const checked = checkCreation(call.body, now)
  if (!checked.ok) return invalid(checked.errors)
  const placed = placeReach(place, { repositories: null, ...checked.input })
  if (!placed.ok) return invalid(placed.errors)
  const refusal = refuseReach(call.principal, placed.input)
  if (refusal !== undefined) return refusal
  const { secret = generateSecret(options.randomInt), ...fields } = placed.input
  const token = newToken(options, call, place, { ...fields, secret })
  return orConflict(async () => {
    await options.store.tokens.create(token, noteOf(options, call, 'repo.entitlement.created'))
    return answerToken(options, call, token, { status: 201 })
  })
}

/** A token that is not stored yet. */
export function newToken(
  options: Pick<AdminOptions, 'keeper' | 'newId' | 'clock'>,
  call: Call,
  place: Place,
  { secret, ...fields }: TokenInput & { readonly secret: string },
): StoredToken {
  return {
    ...STORED_TOKEN_DEFAULTS,
    // Never used: a creation without a name is refused.
    name: '',
    ...fields,
    ...place,
    ...keep(options, secret),
    slugPerm: options.newId(),
    createdAt: options.clock(),
    createdBy: call.actor.name,
  }
}

/** Changes what the body names. An empty body changes nothing. */
export async function patchToken(
  options: AdminOptions,
  call: Call,
  token: StoredToken,
  isExpected: Expected<StoredToken>,
): Promise<Answer> {
  const checked = checkChange(call.body, token, options.clock())
  if (!checked.ok) return invalid(checked.errors)
  return change(options, call, { token, isExpected }, checked.input, 'repo.entitlement.updated')
}

/**
 * Gives the token a new secret, the body's or a generated one, and changes what else the body names. The old secret is dead, unless the
 * body says how long it goes on working; whatever secret was before it is dead in any case.
 */
export async function refreshToken(
  options: AdminOptions,
  call: Call,
  token: StoredToken,
  isExpected: Expected<StoredToken>,
): Promise<Answer> {
  const now = options.clock()
  const { token: asked, [GRACE_FIELD]: duration, ...others } = call.body
  const body = { ...others, token: asked ?? generateSecret(options.randomInt) }
  const checked = checkChange(body, token, now)
  const grace = readGrace(duration, others['previous_secret_valid_until'], now)
  if ('message' in grace) {
    return invalid(new Map([...(checked.ok ? [] : checked.errors), [GRACE_FIELD, [grace.message]]]))
  }
  if (!checked.ok) return invalid(checked.errors)
  const { previousValidUntil = null } = checked.input
  const input = { ...checked.input, previousValidUntil: grace.until ?? previousValidUntil }
  return change(options, call, { token, isExpected }, input, 'repo.entitlement.secret_updated')
}

/** A token that is to be changed, and what it has to be for that. */
interface Edited {
  readonly token: StoredToken
  readonly isExpected: Expected<StoredToken>
}

/**
 * Two changes at once both succeed, the last one wins field by field. One that sets the beginning and one that sets the end of the
 * window may so make it empty: then the token opens nothing until the next change. Whoever minds sends `If-Match`.
 */
async function change(
  options: AdminOptions,
  call: Call,
  edited: Edited,
  asked: TokenInput,
  event: AuditEvent,
): Promise<Answer> {
  const { token } = edited
  const placed = placeReach(token, asked)
  if (!placed.ok) return invalid(placed.errors)
  const { input } = placed
  const refusal = refuseReach(call.principal, input)
  if (refusal !== undefined) return refusal
  // Read before the change: when this fails, the client may simply try again.
  const [usage] = await readUsage(options, [token])
  const changes = changesOf(options, token, usage, input)
  if (changes === undefined) return invalid(new Map([['token', ['This is the current secret already.']]]))
  if (Object.keys(changes).length === 0) return answerToken(options, call, token, { usage })
  return orConflict(async () => {
    const after = await update(options, call, edited, changes, event)
    if (after === undefined) return notFound()
    const [counted] = isSameSchedule(token, after) ? [usage] : await readUsage(options, [after])
    return answerToken(options, call, after, { usage: counted })
  })
}

export type Changes = Omit<TokenChange, 'updatedAt' | 'updatedBy'>

/**
 * What a checked body changes about a token; what it says again may be among it. undefined: the secret that is to be replaced, and to go on working, is the new
 * one.
 */
export function changesOf(
  options: AdminOptions,
  token: StoredToken,
  usage: Usage | undefined,
  { secret, previousValidUntil, ...fields }: TokenInput,
): Changes | undefined {
  const now = options.clock()
  const others = { ...fields, ...(restartsWindow(token, fields) ? { firstDownloadAt: null } : {}) }
  if (secret === undefined) {
    return previousValidUntil === undefined
      ? others
      : { ...others, ...endPrevious(token, previousValidUntil, now) }
  }
  const kept = keep(options, secret)
  if (kept.digest !== token.digest) {
    return { ...others, ...kept, ...replaceSecret(token, usage, previousValidUntil ?? null, now) }
  }
  // The same secret again, as Terraform sends it, is no change.
  if (previousValidUntil === undefined) return { ...others, ...kept }
  return previousValidUntil === null ? { ...others, ...kept, ...endPrevious(token, null, now) } : undefined
}

/** A window that begins anew waits for the next download. The same values again, as Terraform sends them, change nothing. */
function restartsWindow(
  token: StoredToken,
  { validFrom = token.validFrom, startsOnFirstDownload = token.startsOnFirstDownload }: Partial<TokenFields>,
): boolean {
  const isSame = validFrom === token.validFrom && startsOnFirstDownload === token.startsOnFirstDownload
  return token.firstDownloadAt !== null && !isSame
}

function isSameSchedule(before: StoredToken, after: StoredToken): boolean {
  return before.resetPeriod === after.resetPeriod && before.resetAnchor === after.resetAnchor
}

/** Switches the token on or off. */
export async function setActive(
  options: AdminOptions,
  call: Call,
  edited: Edited,
  isActive: boolean,
): Promise<StoredToken | undefined> {
  const event = isActive ? 'repo.entitlement.enabled' : 'repo.entitlement.disabled'
  return update(options, call, edited, { isActive }, event)
}

function update(
  options: AdminOptions,
  call: Call,
  { token: { owner, repo, slugPerm }, isExpected }: Edited,
  changes: Changes,
  event: AuditEvent,
): Promise<StoredToken | undefined> {
  const note = noteOf(options, call, event)
  const changed = { ...changes, updatedAt: note.at, updatedBy: call.actor.name }
  return options.store.tokens.update(owner, repo, slugPerm, changed, note, isExpected)
}

function keep(
  { keeper }: Pick<AdminOptions, 'keeper'>,
  secret: string,
): Pick<StoredToken, 'digest' | 'sealedSecret'> {
  return { digest: keeper.digest(secret), sealedSecret: keeper.seal(secret) }
}

async function orConflict(save: () => Promise<Answer>): Promise<Answer> {
  try {
    return await save()
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'conflict') throw error
    return invalid(
      new Map([['token', ['Another token of this repository, or of its owner, has this secret.']]]),
    )
  }
}

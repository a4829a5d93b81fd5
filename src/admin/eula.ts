import type { EulaAcceptance } from '../policy/types.ts'
import { isOwnerLevel } from '../policy/owner-level.ts'
import type { StoredToken } from '../store/contract.ts'
import { json, NO_CONTENT, type Answer } from './answer.ts'
import type { Expected } from './edits.ts'
import { invalid, notFound } from './errors.ts'
import { formatInstant } from './instants.ts'
import { noteOf } from './note.ts'
import type { AdminOptions } from './options.ts'
import type { Call } from './routes.ts'

type Entry = readonly [place: string, acceptance: EulaAcceptance]

/** What was accepted with a token, by repository. */
export function listAcceptances(call: Call, token: StoredToken): Answer {
  return json(
    200,
    entriesOf(token)
      .filter(([place]) => isSeen(call, place))
      .map(renderAcceptance),
  )
}

/** Withdraws what was accepted in one repository (`?repository=owner/repo`), or in all that the key covers: the customer is asked again. */
export async function withdrawAcceptances(
  options: AdminOptions,
  call: Call,
  token: StoredToken,
  isExpected: Expected<StoredToken>,
): Promise<Answer> {
  const only = call.query('repository')
  if (only !== undefined && !/^[^/]+\/[^/]+$/.test(only))
    return invalid(new Map([['repository', ['This must be like owner/repo.']]]))
  const goes = ([place]: Entry): boolean => (only === undefined || place === only) && isSeen(call, place)
  const entries = entriesOf(token)
  if (!entries.some(goes)) return NO_CONTENT
  const kept = Object.fromEntries(entries.filter((entry) => !goes(entry)))
  const note = noteOf(options, call, 'repo.entitlement.eula_withdrawn')
  const change = { eulaAccepted: kept, updatedAt: note.at, updatedBy: call.actor.name }
  const isAsRead = (found: StoredToken): boolean =>
    JSON.stringify(found.eulaAccepted) === JSON.stringify(token.eulaAccepted) && isExpected?.(found) !== false
  const { owner, repo, slugPerm } = token
  const after = await options.store.tokens.update(owner, repo, slugPerm, change, note, isAsRead)
  return after === undefined ? notFound() : NO_CONTENT
}

/** As Cloudsmith's fields have it, which know of one repository: the token's own, or, where it belongs to an owner, that of the last acceptance. */
export function renderEula(token: StoredToken): Record<string, unknown> {
  const { owner, repo, eulaAccepted, eulaRequired } = token
  const [last] = entriesOf(token).toSorted(([, one], [, other]) => other.at - one.at)
  const accepted = isOwnerLevel(token) ? last?.[1] : eulaAccepted[`${owner}/${repo}`]
  return {
    eula_required: eulaRequired,
    eula_accepted: { identifier: null, number: accepted?.revision ?? null },
    eula_accepted_at: accepted === undefined ? null : formatInstant(accepted.at),
    eula_accepted_from: accepted?.address ?? null,
  }
}

function entriesOf({ eulaAccepted }: StoredToken): readonly Entry[] {
  return Object.entries(eulaAccepted).flatMap(([place, acceptance]) =>
    acceptance === undefined ? [] : [[place, acceptance] as const],
  )
}

/** Repositories that a key does not cover are not there for it. */
function isSeen({ principal }: Call, place: string): boolean {
  const [owner = '', repo = ''] = place.split('/')
  return principal.coversRepository(owner, repo)
}

function renderAcceptance([repository, { revision, at, address }]: Entry): Record<string, unknown> {
  return { repository, revision, accepted_at: formatInstant(at), accepted_from: address }
}

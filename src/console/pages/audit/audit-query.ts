import { AUDIT_EVENTS } from '../../../policy/audit-event.ts'
import { EVERYWHERE } from '../../../policy/key-scope.ts'
import { WHOLE_OWNER } from '../../../policy/owner-level.ts'
import type { ApiRequest } from '../../api/client.ts'
import { readPageNumber, writePageNumber } from '../../router/page-number.ts'
import type { Session } from '../../session/context.ts'
import { zonedInstant } from '../../words/instants.ts'
import { placeName, placeTitle, tokenPlaces } from '../../words/places.ts'

/** What of the log is shown, as the address of the page says it. */
export interface AuditQuery {
  /** Empty: everything; else `owner/repo`, or `owner/*`. */
  readonly place: string
  readonly event: string
  /** Name or id of a key. */
  readonly actor: string
  /** Id of a token, key or webhook. */
  readonly object: string
  /** Minutes of UTC, `2030-12-31T23:59`; empty: no bound. */
  readonly since: string
  readonly until: string
  readonly page: number
}

/** Where somebody may look: `value` as in AuditQuery. */
export type AuditPlace = readonly [value: string, title: string]

export function auditPlaces({
  repositories,
  rights,
}: Pick<Session, 'repositories' | 'rights'>): readonly AuditPlace[] {
  const places = tokenPlaces(repositories, rights).map((place): AuditPlace => [
    placeName(place),
    placeTitle(place),
  ])
  return rights.coversGlobs(EVERYWHERE) ? [['', 'Everything'], ...places] : places
}

/** Reads an address. What makes no sense in it is as if it were not there; undefined: there is nothing to be seen. */
export function readAuditQuery(
  query: URLSearchParams,
  places: readonly AuditPlace[],
): AuditQuery | undefined {
  const asked = query.get('in') ?? ''
  const [place] = places.find(([value]) => value === asked) ?? places[0] ?? []
  if (place === undefined) return undefined
  const event = query.get('event') ?? ''
  return {
    place,
    event: Object.hasOwn(AUDIT_EVENTS, event) ? event : '',
    actor: query.get('actor') ?? '',
    object: query.get('object') ?? '',
    since: query.get('since') ?? '',
    until: query.get('until') ?? '',
    page: readPageNumber(query),
  }
}

/** The parameters of an address. */
export function writeAuditQuery({ place, page, ...rest }: AuditQuery): Readonly<Record<string, string>> {
  return { in: place, ...rest, page: writePageNumber(page) }
}

/** Segments of the API's path, and its parameters. */
export function auditRequest({
  place,
  since,
  until,
  ...rest
}: AuditQuery): Required<Pick<ApiRequest, 'path' | 'query'>> {
  const names = place.split('/').filter((name) => name !== '' && name !== WHOLE_OWNER)
  return {
    path: ['audit-log', ...names],
    query: { ...rest, since: zonedInstant(since), until: zonedInstant(until) },
  }
}

const ANY: readonly (readonly [string, string])[] = [['', 'Any']]
const EVENTS = Object.entries(AUDIT_EVENTS).map(
  ([event, words]) => [event, words.replace(/\.$/, '')] as const,
)

/** The kinds of lines, to choose from: without the dot of a sentence. */
export const EVENT_CHOICES: readonly (readonly [value: string, title: string])[] = ANY.concat(EVENTS)

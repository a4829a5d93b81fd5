import { AUDIT_EVENTS, isAuditEvent } from '../policy/audit-event.ts'
import type { AuditQuery } from '../store/contract/audit.ts'
import { didYouMean } from '../text/near.ts'
import type { FieldErrors } from './errors.ts'
import { parseInstant } from './instants.ts'

type Filter = Pick<AuditQuery, 'object' | 'actor' | 'event' | 'from' | 'until'>

export type ReadFilter =
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false; readonly errors: FieldErrors }

const LONGEST = 1_024
const TERM = /([a-z_]+):(?:'([^']*)'|"([^"]*)"|(\S+))(?:\s+(?:AND\s+)?|$)/gy
const TERMS = ['actor', 'event', 'event_at', 'object', 'object_slug_perm'] as const

/**
 * Reads what entries to list: `actor`, `event`, `object`, `since` and `until` as parameters, or the same in Cloudsmith's `query`, like
 * `event:repo.entitlement.deleted AND actor:Operations event_at:>=2030-01-01`. What can't be read is an error: an unfiltered list would
 * look like an answer.
 */
export function readAuditQuery(query: (name: string) => string | undefined): ReadFilter {
  const errors = new Map<string, readonly string[]>()
  const filter: { -readonly [Name in keyof Filter]: Filter[Name] } = {
    object: null,
    actor: null,
    event: null,
    from: null,
    until: null,
  }
  const read = (
    field: string,
    text: string | undefined,
    take: (text: string) => string | undefined,
  ): void => {
    if (text === undefined || text === '') return
    const mistake = text.length > LONGEST ? `At most ${LONGEST} characters are allowed.` : take(text)
    if (mistake !== undefined) errors.set(field, [mistake])
  }
  const takers = createTakers(filter)
  read('object', query('object'), takers.object)
  read('actor', query('actor'), takers.actor)
  read('event', query('event'), takers.event)
  read('since', query('since'), takers.since)
  read('until', query('until'), takers.until)
  read('query', query('query')?.trim(), (text) => takeTerms(text, takers))
  if (errors.size === 0 && isEmpty(filter)) {
    if (query('query')?.includes('event_at')) errors.set('query', ['No instant lies between these.'])
    else errors.set('until', ['This must lie after since.'])
  }
  return errors.size > 0 ? { ok: false, errors } : { ok: true, filter }
}

/** Nothing can lie between its bounds. */
function isEmpty({ from, until }: Filter): boolean {
  return from !== null && until !== null && from >= until
}

/** Each takes a value, or says what is wrong with it. */
interface Takers {
  readonly object: (text: string) => string | undefined
  readonly actor: (text: string) => string | undefined
  readonly event: (text: string) => string | undefined
  readonly since: (text: string) => string | undefined
  readonly until: (text: string) => string | undefined
  /** Of an instant, the first that is later. */
  readonly after: (text: string) => string | undefined
  readonly upTo: (text: string) => string | undefined
}

function createTakers(filter: { -readonly [Name in keyof Filter]: Filter[Name] }): Takers {
  const instant = (name: 'from' | 'until', shift: 0 | 1) => (text: string) => {
    const at = parseInstant(text)
    if (at === undefined) return 'This must be an instant, like 2030-12-31T00:00:00Z.'
    const shifted = at + shift
    const known = filter[name]
    filter[name] =
      known === null ? shifted : name === 'from' ? Math.max(known, shifted) : Math.min(known, shifted)
    return undefined
  }
  const once = (name: 'object' | 'actor') => (text: string) => {
    if (filter[name] !== null && filter[name] !== text) return `Only one ${name} can be asked for.`
    filter[name] = text
    return undefined
  }
  return {
    object: once('object'),
    actor: once('actor'),
    event: (text) => {
      if (!isAuditEvent(text)) return `There is no such event${didYouMean(text, Object.keys(AUDIT_EVENTS))}.`
      if (filter.event !== null && filter.event !== text) return 'Only one event can be asked for.'
      filter.event = text
      return undefined
    },
    since: instant('from', 0),
    until: instant('until', 0),
    after: instant('from', 1),
    upTo: instant('until', 1),
  }
}

function takeTerms(text: string, takers: Takers): string | undefined {
  let end = 0
  for (const match of text.matchAll(TERM)) {
    end = match.index + match[0].length
    const mistake = takeTerm(match[1] ?? '', match[2] ?? match[3] ?? match[4] ?? '', takers)
    if (mistake !== undefined) return mistake
  }
  if (end === text.length) return undefined
  return `At character ${end + 1}: write terms like actor:Operations, event:repo.entitlement.deleted or event_at:>=2030-01-01.`
}

function takeTerm(name: string, value: string, takers: Takers): string | undefined {
  switch (name) {
    case 'actor':
      return takers.actor(value)
    case 'event':
      return takers.event(value)
    case 'object':
    case 'object_slug_perm':
      return takers.object(value)
    case 'event_at':
      return takeBound(value, takers)
    default:
      return `There is no such field${didYouMean(name, TERMS)}; there are ${TERMS.join(', ')}.`
  }
}

function takeBound(value: string, takers: Takers): string | undefined {
  const [, sign, text = ''] = /^(>=|<=|>|<)?(.*)$/s.exec(value) ?? []
  const take = { '>=': takers.since, '<': takers.until, '>': takers.after, '<=': takers.upTo }[sign ?? '']
  return take === undefined ? 'event_at needs >, >=, < or <= before its instant.' : take(text)
}

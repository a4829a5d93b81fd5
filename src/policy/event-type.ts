/** What webhooks are told of. */
export type EventType =
  | 'token.created'
  | 'token.changed'
  | 'token.refreshed'
  | 'token.enabled'
  | 'token.disabled'
  | 'token.reset'
  | 'token.deleted'
  | 'token.expiring'
  | 'token.expired'
  | 'limit.warning'
  | 'limit.reached'
  | 'client.new'
  | 'downloads.refused'
  | 'ping'

/** What each means; docs/events.md has the same words. */
export const EVENT_TYPES: Readonly<Record<EventType, string>> = {
  'token.created': 'A token was made.',
  'token.changed': 'Fields of a token were changed; `changes` has their names with what they were and are.',
  'token.refreshed': 'A token was given a new secret, by a refresh or a change.',
  'token.enabled': 'A token was switched on.',
  'token.disabled': 'A token was switched off.',
  'token.reset': 'The counters of a token were set to zero by hand.',
  'token.deleted': 'A token was deleted.',
  'token.expiring': 'A token expires within so many days: once for each of `events.expiring_days`.',
  'token.expired': 'A token has expired.',
  'limit.warning': 'Four fifths of a limit of a token are used; once for each limit and counting period.',
  'limit.reached': 'A limit of a token is used up; once for each limit and counting period.',
  'client.new': 'A token has more clients than before.',
  'downloads.refused': 'Requests of a token were refused: how many in an hour, for one reason.',
  ping: 'Somebody asked for a trial.',
}

/** True for the name of an event. */
export function isEventType(name: string): name is EventType {
  return Object.hasOwn(EVENT_TYPES, name)
}

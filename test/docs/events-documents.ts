import { readFileSync } from 'node:fs'
import { AUDIT_EVENTS } from '../../src/policy/audit-event.ts'
import { EVENT_TYPES } from '../../src/policy/event-type.ts'
import { renderTable, replacePart } from './markdown.ts'

/** Manuals with a table of events, and the events. */
export const EVENTS_DOCUMENTS: readonly (readonly [
  name: string,
  events: Readonly<Record<string, string>>,
])[] = [
  ['events.md', EVENT_TYPES],
  ['audit.md', AUDIT_EVENTS],
]

export function urlOf(name: string): URL {
  return new URL(`../../docs/${name}`, import.meta.url)
}

/** The manual as it is, with the table of events as the code has them. */
export function renderEventsDocument(name: string, events: Readonly<Record<string, string>>): string {
  const rows = Object.entries(events).map(([event, meaning]) => [`\`${event}\``, meaning])
  return replacePart(
    readFileSync(urlOf(name), 'utf8'),
    'events',
    renderTable([['event', 'meaning'], ...rows]),
  )
}

import { EVENT_TYPES } from '../../../policy/event-type.ts'

/** What can be chosen, with its meaning. A trial is sent to whom it is asked for, whatever was chosen. */
export const EVENT_CHOICES: readonly (readonly [event: string, meaning: string])[] = Object.entries(
  EVENT_TYPES,
)
  .filter(([event]) => event !== 'ping')
  .map(([event, meaning]) => [event, meaning.replaceAll('`', '')])

export function eventsWords(events: readonly string[]): string {
  return events.includes('*') ? 'everything' : events.join(', ')
}

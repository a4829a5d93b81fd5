import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sign } from '../../src/events/signature.ts'
import { AUDIT_EVENTS } from '../../src/policy/audit-event.ts'
import { EVENT_TYPES } from '../../src/policy/event-type.ts'
import { EVENTS_DOCUMENTS, renderEventsDocument } from './events-documents.ts'

const MANUAL = read('events.md')

function read(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
}

test.each(EVENTS_DOCUMENTS)(
  'docs/%s has the table of events that the code has (npm run docs writes it)',
  (name, events) => {
    expect(read(name)).toBe(renderEventsDocument(name, events))
  },
)

/** Names and meanings of the table below `title`. */
function rowsBelow(document: string, title: string): (readonly string[])[] {
  const [, section = ''] = document.split(`\n## ${title}\n`)
  const [table = ''] = section.split('\n## ')
  return table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, 3))
    .map(([name = '', meaning = '']) => [name.trim().replaceAll('`', ''), meaning.trim()])
}

test('docs/audit.md has every event, with the words of the code', () => {
  expect(rowsBelow(read('audit.md'), 'What leaves a line')).toEqual(Object.entries(AUDIT_EVENTS))
})

test('docs/events.md has every event, with the words of the code', () => {
  expect(rowsBelow(MANUAL, 'Events')).toEqual(Object.entries(EVENT_TYPES))
})

describe('the verification in docs/events.md', () => {
  const [, code = ''] = /```js\n([^]*?)```/.exec(MANUAL) ?? []
  const body = code.slice(code.indexOf('export function')).replace('export ', 'return ')
  // The example itself, with what it imports.
  const verify = new Function('createHmac', 'timingSafeEqual', body)(createHmac, timingSafeEqual) as (
    header: string,
    body: string,
    secret: string,
    now: number,
  ) => boolean
  const NOW = Date.UTC(2030, 0, 1)
  const header = sign('secret', '{"a":"ü"}', NOW)

  test('accepts what Postern signs', () => {
    expect(verify(header, '{"a":"ü"}', 'secret', NOW + 1000)).toBe(true)
  })

  test.each([
    ['another body', header, '{"a":"u"}', 'secret', NOW],
    ['another secret', header, '{"a":"ü"}', 'other', NOW],
    ['a recording', header, '{"a":"ü"}', 'secret', NOW + 301_000],
    [
      'a recording with a new instant',
      header.replace(/t=\d+/, `t=${NOW / 1000 + 600}`),
      '{"a":"ü"}',
      'secret',
      NOW + 600_000,
    ],
    ['no signature', `t=${NOW / 1000}`, '{"a":"ü"}', 'secret', NOW],
  ])('refuses %s', (_what, given, text, secret, now) => {
    expect(verify(given, text, secret, now)).toBe(false)
  })
})

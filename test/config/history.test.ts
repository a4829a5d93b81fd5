import { expect, test } from 'vitest'
import { frozenParts } from '../../src/app/frozen-parts.ts'
import { parseConfig } from '../../src/config/parse.ts'
import type { Config } from '../../src/config/types.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DEFAULTS = {
  isRecorded: true,
  hoursMs: 192 * HOUR_MS,
  daysMs: 400 * DAY_MS,
  packages: 5_000,
  logMs: 30 * DAY_MS,
  logEntries: 200_000,
  addresses: 'full',
  userAgents: true,
}

function load(history: string): { readonly config?: Config; readonly mistakes?: string } {
  const places = {
    file: '/postern.yaml',
    resolve: (path: string) => `/${path}`,
    isDirectory: () => true,
    isReadableFile: () => false,
    sizeOf: () => undefined,
    readText: () => undefined,
    whyNotWritable: () => undefined,
    holds: () => false,
  }
  const source = `repositories: { acme/a: { format: raw, upstream: 'http://127.0.0.1/' } }\n${history}\n`
  const result = parseConfig(source, places, { DAYS: '7' })
  if (result.ok) return { config: result.config }
  return { mistakes: result.mistakes.map(({ path, message }) => `${path} ${message}`).join('\n') }
}

test.each([
  ['', DEFAULTS],
  ['history: {}', DEFAULTS],
  ['history: off', { ...DEFAULTS, isRecorded: false }],
  ['history: false', { ...DEFAULTS, isRecorded: false }],
  ['history: { enabled: false, log_days: 3 }', { ...DEFAULTS, isRecorded: false, logMs: 3 * DAY_MS }],
  [
    'history: { addresses: network, user_agents: false }',
    { ...DEFAULTS, addresses: 'network', userAgents: false },
  ],
  [
    'history: { hours: 1, days: 1, log_entries: 0 }',
    { ...DEFAULTS, hoursMs: HOUR_MS, daysMs: DAY_MS, logEntries: 0 },
  ],
  ['history:\n  log_days: ${DAYS}', { ...DEFAULTS, logMs: 7 * DAY_MS }],
])('%j is understood', (text, expected) => {
  expect(load(text)).toMatchObject({ config: { history: expected } })
})

test.each([
  ['history: on', 'history must be a group with the keys enabled, hours,'],
  ['history:', 'history has no value'],
  ['history: { log_days: 0 }', 'history.log_days must be a whole number from 1 to 3660'],
  ['history: { addresses: masked }', 'did you mean network?'],
  ['history: { adresses: full }', 'did you mean addresses?'],
])('%j is a mistake', (text, message) => {
  expect(load(text).mistakes).toContain(message)
})

test('a change needs a restart, and is told to', () => {
  const [before, after] = [load('').config, load('history: off').config]
  expect(before && after && frozenParts(before, after)).toEqual(['history'])
})

import { afterEach, expect, test } from 'vitest'
import { createRefusalCounts, type RefusalCounts } from '../../src/gateway/refusal-counts.ts'
import type { RefusalCount } from '../../src/store/contract/events.ts'
import type { Observation } from '../../src/telemetry/observation.ts'
import { observation } from '../telemetry/observations.ts'

const HOUR = Date.UTC(2030, 0, 1, 10)
let counts: RefusalCounts | undefined
let written: RefusalCount[] = []
let isDown = false
afterEach(async () => {
  isDown = false
  await counts?.close()
})

function start(maxKinds = 10): RefusalCounts {
  written = []
  counts = createRefusalCounts({
    events: {
      countRefusals: async (batch) => {
        if (isDown) throw new Error('down')
        written.push(...batch)
      },
    },
    flushMs: 3_600_000,
    maxKinds,
    onFailure: () => undefined,
  })
  return counts
}

function refused(fields: Partial<Observation> = {}): Observation {
  const token = { slugPerm: 'T1', name: 'Customer', owner: 'acme', repo: 'deb' }
  return observation({
    at: HOUR + 1,
    outcome: 'token_expired',
    token,
    repository: 'other/elsewhere',
    ...fields,
  })
}

test('refusals are summed up by token, reason and hour, under the token’s own owner', async () => {
  const { note, flush } = start()
  for (const at of [HOUR, HOUR + 3_599_999, HOUR + 3_600_000]) note(refused({ at }))
  note(refused({ outcome: 'network_not_allowed' }))
  await flush()
  const facts = { token: 'T1', tokenName: 'Customer', owner: 'acme', repo: 'deb' }
  expect(written).toEqual([
    { ...facts, hour: HOUR, reason: 'token_expired', count: 2 },
    { ...facts, hour: HOUR + 3_600_000, reason: 'token_expired', count: 1 },
    { ...facts, hour: HOUR, reason: 'network_not_allowed', count: 1 },
  ])
})

test.each([
  { outcome: 'delivered' },
  { outcome: 'not_found' },
  { outcome: 'upstream_failed' },
  { token: null },
] as const)('%j is not counted', async (fields) => {
  const { note, flush } = start()
  note(refused(fields))
  await flush()
  expect(written).toEqual([])
})

test('what can’t be written is written the next time, once', async () => {
  const { note, flush } = start()
  note(refused())
  isDown = true
  await flush()
  isDown = false
  note(refused())
  await flush()
  await flush()
  expect(written).toMatchObject([{ count: 2 }])
})

test('only so many kinds are kept', async () => {
  const { note, flush } = start(1)
  note(refused())
  note(refused({ outcome: 'network_not_allowed' }))
  note(refused())
  await flush()
  expect(written).toMatchObject([{ reason: 'token_expired', count: 2 }])
})

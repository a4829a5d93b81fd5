import { expect, test } from 'vitest'
import { createAggregate } from '../../src/telemetry/aggregate.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import type { StoreFigures } from '../../src/telemetry/store-metrics.ts'

const HEALTHY: StoreFigures = {
  isUp: true,
  entries: 0,
  bytes: 0,
  oldestSeconds: 0,
  replayed: 0,
  deliveries: new Map(),
}

function createProcess(figures: Partial<StoreFigures> = {}): Metrics {
  const storeFigures = (): StoreFigures => ({ ...HEALTHY, ...figures })
  return createMetrics({ maxCustomers: 1, version: '1', collectProcess: false, storeFigures })
}

const about = (body: string): string[] =>
  body.split('\n').filter((line) => /^postern_(store_up|journal|deliveries_without)/.test(line))

test('a process tells of its store, and of what waits for it', async () => {
  const deliveries = new Map([['acme/files', 7]])
  const figures = { isUp: false, entries: 3, bytes: 400, oldestSeconds: 1.5, replayed: 9, deliveries }
  const metrics = createProcess(figures)
  const { body } = await metrics.read()
  expect(about(body)).toEqual([
    'postern_store_up 0',
    'postern_journal_entries 3',
    'postern_journal_bytes 400',
    'postern_journal_oldest_seconds 1.5',
    'postern_journal_replayed_entries_total 9',
    'postern_deliveries_without_store_total{repository="acme/files"} 7',
  ])
  expect(about((await metrics.read()).body)).toEqual(about(body))
})

test('several are as well as the worst of them; what waits is summed, its age that of the oldest', async () => {
  const aggregate = createAggregate({
    maxCustomers: 1,
    workers: () => ({ wanted: 2, serving: 2, restarts: 0 }),
  })
  const deliveries = new Map([['acme/files', 2]])
  const processes = {
    primary: createProcess(),
    1: createProcess({ isUp: false, entries: 3, bytes: 400, oldestSeconds: 5, deliveries }),
    2: createProcess({ entries: 1, bytes: 90, oldestSeconds: 7, replayed: 4, deliveries }),
  }
  for (const [source, metrics] of Object.entries(processes)) aggregate.take(source, await metrics.snapshot())
  expect(about((await aggregate.read()).body)).toEqual([
    'postern_store_up 0',
    'postern_journal_entries 4',
    'postern_journal_bytes 490',
    'postern_journal_oldest_seconds 7',
    'postern_journal_replayed_entries_total 4',
    'postern_deliveries_without_store_total{repository="acme/files"} 4',
  ])
  aggregate.retire('1')
  const left = about((await aggregate.read()).body)
  expect(left).toContain('postern_store_up 1')
  expect(left).toContain('postern_journal_bytes 90')
  expect(left).toContain('postern_deliveries_without_store_total{repository="acme/files"} 4')
})

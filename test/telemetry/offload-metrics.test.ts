import { expect, test } from 'vitest'
import { createAggregate } from '../../src/telemetry/aggregate.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import type { OffloadFigures } from '../../src/telemetry/offload-metrics.ts'

function createProcess(...figures: readonly OffloadFigures[]): Metrics {
  return createMetrics({
    maxCustomers: 1,
    version: '1',
    collectProcess: false,
    offloadFigures: () => figures,
  })
}

const about = (body: string): string[] =>
  body.split('\n').filter((line) => line.startsWith('postern_offloads_'))

test('what others deliver is told of by the way it goes; a way of which no log is read is not', async () => {
  expect(about((await createProcess().read()).body)).toEqual([])
  const metrics = createProcess({ way: 'link', pending: 3, settled: 2, givenUp: 1 })
  for (const _ of [1, 2])
    expect(about((await metrics.read()).body)).toEqual([
      'postern_offloads_pending{way="link"} 3',
      'postern_offloads_settled_total{way="link"} 2',
      'postern_offloads_given_up_total{way="link"} 1',
    ])
})

test('several processes are summed up, and nobody waits any more for what a dead one handed over', async () => {
  const aggregate = createAggregate({
    maxCustomers: 1,
    workers: () => ({ wanted: 2, serving: 2, restarts: 0 }),
  })
  const processes = {
    1: createProcess({ way: 'proxy', pending: 3, settled: 2, givenUp: 1 }),
    2: createProcess({ way: 'proxy', pending: 30, settled: 20, givenUp: 10 }),
  }
  for (const [source, metrics] of Object.entries(processes)) aggregate.take(source, await metrics.snapshot())
  expect(about((await aggregate.read()).body)).toEqual([
    'postern_offloads_pending{way="proxy"} 33',
    'postern_offloads_settled_total{way="proxy"} 22',
    'postern_offloads_given_up_total{way="proxy"} 11',
  ])
  aggregate.retire('2')
  expect(about((await aggregate.read()).body).toSorted()).toEqual([
    'postern_offloads_given_up_total{way="proxy"} 11',
    'postern_offloads_pending{way="proxy"} 3',
    'postern_offloads_settled_total{way="proxy"} 22',
  ])
})

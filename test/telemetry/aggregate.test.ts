import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAggregate, type Aggregate } from '../../src/telemetry/aggregate.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import { observation } from './observations.ts'

const WORKERS = { wanted: 2, serving: 1, restarts: 3 }

function createProcess(maxCustomers = 100, collectProcess = false): Metrics {
  return createMetrics({ maxCustomers, version: '1.2.3', collectProcess })
}

function create(maxCustomers = 100): Aggregate {
  return createAggregate({ maxCustomers, workers: () => WORKERS })
}

async function takeAll(aggregate: Aggregate, processes: Readonly<Record<string, Metrics>>): Promise<void> {
  for (const [source, metrics] of Object.entries(processes)) {
    // As they arrive from another process.
    aggregate.take(source, structuredClone(await metrics.snapshot()))
  }
}

async function linesOf(aggregate: Aggregate, name: string): Promise<string[]> {
  const { body } = await aggregate.read()
  return body.split('\n').filter((line) => line.startsWith(name))
}

const customer = (slugPerm: string, name = `name of ${slugPerm}`) =>
  observation({ token: { slugPerm, name }, bytes: 10 })

test('sums counters and histograms over the processes', async () => {
  const [a, b, aggregate] = [createProcess(), createProcess(), create()]
  a.observe(observation({ durationMs: 3 }))
  b.observe(observation({ durationMs: 3 }))
  b.observe(observation({ outcome: 'not_found' }))
  await takeAll(aggregate, { 1: a, 2: b })
  expect(await linesOf(aggregate, 'postern_requests_total')).toEqual([
    'postern_requests_total{repository="acme/stable",outcome="delivered"} 2',
    'postern_requests_total{repository="acme/stable",outcome="not_found"} 1',
  ])
  const durations = await linesOf(aggregate, 'postern_request_duration_seconds')
  expect(durations).toContain('postern_request_duration_seconds_bucket{le="0.0025",class="delivered"} 0')
  expect(durations).toContain('postern_request_duration_seconds_bucket{le="0.005",class="delivered"} 2')
  expect(durations).toContain('postern_request_duration_seconds_count{class="delivered"} 2')
})

test('sums what is under way over the living only', async () => {
  const [a, b, aggregate] = [createProcess(), createProcess(), create()]
  for (const metrics of [a, a, b]) metrics.started()
  await takeAll(aggregate, { 1: a, 2: b })
  expect(await linesOf(aggregate, 'postern_requests_in_flight')).toEqual(['postern_requests_in_flight 3'])
  aggregate.retire('1')
  expect(await linesOf(aggregate, 'postern_requests_in_flight')).toEqual(['postern_requests_in_flight 1'])
})

test('what a dead process had counted stays, and its successor adds to it', async () => {
  const aggregate = create()
  const [first, second] = [createProcess(), createProcess()]
  first.observe(observation())
  await takeAll(aggregate, { 1: first })
  aggregate.retire('1')
  expect(await linesOf(aggregate, 'postern_requests_total')).toEqual([
    'postern_requests_total{repository="acme/stable",outcome="delivered"} 1',
  ])
  second.observe(observation())
  await takeAll(aggregate, { 1: second })
  expect(await linesOf(aggregate, 'postern_requests_total')).toEqual([
    'postern_requests_total{repository="acme/stable",outcome="delivered"} 2',
  ])
})

test('figures of a process are not summed: they have its label and go with it', async () => {
  const aggregate = create()
  await takeAll(aggregate, { primary: createProcess(1, true), 1: createProcess(1, true) })
  const memory = await linesOf(aggregate, 'process_resident_memory_bytes{')
  expect(memory.map((line) => line.split(' ')[0])).toEqual([
    'process_resident_memory_bytes{worker="1"}',
    'process_resident_memory_bytes{worker="primary"}',
  ])
  aggregate.retire('1')
  expect(await linesOf(aggregate, 'process_resident_memory_bytes{')).toHaveLength(1)
  expect(await linesOf(aggregate, 'process_cpu_seconds_total{')).toHaveLength(1)
})

test('the build is told once', async () => {
  const aggregate = create()
  await takeAll(aggregate, { 1: createProcess(), 2: createProcess() })
  expect(await linesOf(aggregate, 'postern_build_info')).toEqual([
    `postern_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
  ])
})

test('tells how many workers there should be, how many serve, and how many were replaced', async () => {
  const aggregate = create()
  expect(await linesOf(aggregate, 'postern_worker')).toEqual([
    'postern_workers_wanted 2',
    'postern_workers_serving 1',
    'postern_worker_restarts_total 3',
  ])
})

test('a customer stands there under the newest name, whichever process told it, dead or alive', async () => {
  const [a, b, c, aggregate] = [createProcess(), createProcess(), createProcess(), create()]
  c.observe(customer('T', 'old'))
  a.observe(customer('T', 'old'))
  b.observe(customer('T', 'old'))
  await takeAll(aggregate, { 1: a, 2: b, 3: c })
  aggregate.retire('3')
  a.observe(customer('T', 'new'))
  await takeAll(aggregate, { 1: a, 2: b })
  expect(await linesOf(aggregate, 'postern_downloads_total')).toEqual([
    'postern_downloads_total{repository="acme/stable",token="T",name="new"} 4',
  ])
})

test('there are no more customers than the cap, however many the processes know together', async () => {
  const [a, b, aggregate] = [createProcess(2), createProcess(2), create(2)]
  for (const token of ['A', 'B']) a.observe(customer(token))
  for (const token of ['C', 'B', 'D']) b.observe(customer(token))
  await takeAll(aggregate, { 1: a, 2: b })
  expect(await linesOf(aggregate, 'postern_downloads_total')).toEqual([
    'postern_downloads_total{repository="acme/stable",token="A",name="name of A"} 1',
    'postern_downloads_total{repository="acme/stable",token="B",name="name of B"} 2',
    'postern_downloads_total{repository="acme/stable",token="other",name="other"} 2',
  ])
})

test('no sum ever goes back and nothing is lost that was told, whatever the processes do and when they die', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('observe'), source: fc.nat(2), token: fc.nat(6), name: fc.nat(1) }),
    fc.record({ kind: fc.constant('tell'), source: fc.nat(2) }),
    fc.record({ kind: fc.constant('die'), source: fc.nat(2) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const aggregate = create(3)
      const processes = [createProcess(2), createProcess(2), createProcess(2)]
      const untold = [0, 0, 0]
      let told = 0
      let before = new Map<string, number>()
      for (const { kind, source, ...rest } of steps) {
        const metrics = processes[source] ?? createProcess()
        if (kind === 'observe') {
          const { token, name } = rest as { token: number; name: number }
          metrics.observe(customer(`T${token}`, `name ${name} of ${token}`))
          untold[source] = (untold[source] ?? 0) + 1
        } else if (kind === 'tell') {
          await takeAll(aggregate, { [source]: metrics })
          told += untold[source] ?? 0
          untold[source] = 0
        } else {
          aggregate.retire(String(source))
          processes[source] = createProcess(2)
          untold[source] = 0
        }
        const lines = await linesOf(aggregate, 'postern_downloads_total')
        const now = new Map(
          lines.map((line) => [/token="(\w+)"/.exec(line)?.[1] ?? '', Number(line.split(' ').at(-1))]),
        )
        for (const [token, value] of before) expect(now.get(token) ?? 0).toBeGreaterThanOrEqual(value)
        expect([...now.values()].reduce((sum, value) => sum + value, 0)).toBe(told)
        expect(now.size).toBeLessThanOrEqual(4)
        before = now
      }
    }),
    { numRuns: 60 },
  )
})

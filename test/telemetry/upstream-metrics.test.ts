import { expect, test } from 'vitest'
import { createAggregate } from '../../src/telemetry/aggregate.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'

type State = 'up' | 'down' | 'half_open'

function createProcess(states: () => readonly State[]): Metrics {
  const upstreamStates = () =>
    states().map((state, at) => ({ repository: 'acme/a', upstream: at + 1, state }))
  return createMetrics({ maxCustomers: 1, version: '1', collectProcess: false, upstreamStates })
}

const about = (body: string): string[] =>
  body.split('\n').filter((line) => line.startsWith('postern_upstream_'))
const series = (upstream: number, state: State): string =>
  `postern_upstream_state{repository="acme/a",upstream="${upstream}",state="${state}"}`

test('each upstream is in one state, and is no more told of when it is no more there', async () => {
  let states: readonly State[] = ['down', 'half_open']
  const metrics = createProcess(() => states)
  metrics.failover('acme/a', 1)
  metrics.failover('acme/a', 1)
  const failovers = 'postern_upstream_failovers_total{repository="acme/a",upstream="1"} 2'
  const first = about((await metrics.read()).body).filter((line) => !line.endsWith(' 0'))
  expect(first.filter((line) => !line.includes('duration'))).toEqual([
    `${series(1, 'down')} 1`,
    `${series(2, 'half_open')} 1`,
    failovers,
  ])
  states = ['up']
  const second = about((await metrics.read()).body).filter((line) => !line.includes('duration'))
  expect(second).toEqual([
    `${series(1, 'up')} 1`,
    `${series(1, 'half_open')} 0`,
    `${series(1, 'down')} 0`,
    failovers,
  ])
})

test('of several processes it is told how many see it so', async () => {
  const aggregate = createAggregate({
    maxCustomers: 1,
    workers: () => ({ wanted: 2, serving: 2, restarts: 0 }),
  })
  for (const [source, state] of [
    ['1', 'up'],
    ['2', 'down'],
    ['3', 'down'],
  ] as const) {
    aggregate.take(source, await createProcess(() => [state]).snapshot())
  }
  const { body } = await aggregate.read()
  expect(about(body)).toEqual(
    expect.arrayContaining([`${series(1, 'up')} 1`, `${series(1, 'half_open')} 0`, `${series(1, 'down')} 2`]),
  )
})

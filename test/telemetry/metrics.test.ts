import * as fc from 'fast-check'
import { register } from 'prom-client'
import { expect, test } from 'vitest'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import { observation } from './observations.ts'

function create(maxCustomers = 10): Metrics {
  return createMetrics({ maxCustomers, version: '1.2.3', collectProcess: false })
}

/** The lines of one metric, without comments. */
async function series(metrics: Metrics, name: string): Promise<string[]> {
  const { body } = await metrics.read()
  return body.split('\n').filter((line) => line.startsWith(`postern_${name}{`))
}

test('counts requests by repository and outcome', async () => {
  const metrics = create()
  metrics.observe(observation())
  metrics.observe(observation())
  metrics.observe(observation({ outcome: 'downloads_used_up' }))
  expect(await series(metrics, 'requests_total')).toEqual([
    'postern_requests_total{repository="acme/stable",outcome="delivered"} 2',
    'postern_requests_total{repository="acme/stable",outcome="downloads_used_up"} 1',
  ])
})

test('counts the downloads and bytes of each customer', async () => {
  const metrics = create()
  metrics.observe(observation({ bytes: 100 }))
  metrics.observe(observation({ bytes: 50, charged: 0 }))
  metrics.observe(observation({ token: { slugPerm: '01JDTOKEN2', name: 'B' }, repository: 'acme/el' }))
  expect(await series(metrics, 'downloads_total')).toEqual([
    'postern_downloads_total{repository="acme/stable",token="01JDTOKEN1",name="Example Ltd"} 1',
    'postern_downloads_total{repository="acme/el",token="01JDTOKEN2",name="B"} 1',
  ])
  expect(await series(metrics, 'sent_bytes_total')).toEqual([
    'postern_sent_bytes_total{repository="acme/stable",token="01JDTOKEN1",name="Example Ltd"} 150',
    'postern_sent_bytes_total{repository="acme/el",token="01JDTOKEN2",name="B"} 1024',
  ])
})

test('counts what was sent before the bandwidth was used up, and not the text of a refusal', async () => {
  const metrics = create()
  metrics.observe(observation({ outcome: 'bandwidth_used_up', bytes: 100 }))
  metrics.observe(observation({ outcome: 'bandwidth_used_up', status: 403, charged: 0, bytes: 7 }))
  expect(await series(metrics, 'sent_bytes_total')).toEqual([
    'postern_sent_bytes_total{repository="acme/stable",token="01JDTOKEN1",name="Example Ltd"} 100',
  ])
})

test('counts refusals of a customer that are about the token, and no others', async () => {
  const metrics = create()
  metrics.observe(observation({ outcome: 'token_expired', charged: 0 }))
  metrics.observe(observation({ outcome: 'not_found', charged: 0 }))
  metrics.observe(observation({ outcome: 'token_unknown', token: null, charged: 0 }))
  expect(await series(metrics, 'token_refusals_total')).toEqual([
    'postern_token_refusals_total{repository="acme/stable",token="01JDTOKEN1",name="Example Ltd",code="token_expired"} 1',
  ])
})

test('traffic without a token or a repository has the labels "none" and takes no customer’s place', async () => {
  const metrics = create(1)
  metrics.observe(observation({ token: null, repository: null, charged: 0, bytes: 7 }))
  metrics.observe(observation({ bytes: 8 }))
  expect(await series(metrics, 'sent_bytes_total')).toEqual([
    'postern_sent_bytes_total{repository="none",token="none",name="none"} 7',
    'postern_sent_bytes_total{repository="acme/stable",token="01JDTOKEN1",name="Example Ltd"} 8',
  ])
})

test('customers beyond the cap are summed up as "other", and nobody loses a place', async () => {
  const metrics = create(2)
  for (const id of ['A', 'B', 'C', 'D', 'A']) {
    metrics.observe(observation({ token: { slugPerm: id, name: `name of ${id}` } }))
  }
  expect(await series(metrics, 'downloads_total')).toEqual([
    'postern_downloads_total{repository="acme/stable",token="A",name="name of A"} 2',
    'postern_downloads_total{repository="acme/stable",token="B",name="name of B"} 1',
    'postern_downloads_total{repository="acme/stable",token="other",name="other"} 2',
  ])
})

test('with a cap of 0 no customer has series', async () => {
  const metrics = create(0)
  metrics.observe(observation())
  expect(await series(metrics, 'downloads_total')).toEqual([
    'postern_downloads_total{repository="acme/stable",token="other",name="other"} 1',
  ])
})

test('a renamed token has series under its new name only, and goes on counting', async () => {
  const metrics = create()
  metrics.observe(observation())
  await metrics.read()
  metrics.observe(observation({ token: { slugPerm: '01JDTOKEN1', name: 'Example GmbH' } }))
  expect(await series(metrics, 'downloads_total')).toEqual([
    'postern_downloads_total{repository="acme/stable",token="01JDTOKEN1",name="Example GmbH"} 2',
  ])
})

test('reading twice at the same time gives the same figures twice', async () => {
  const metrics = create()
  metrics.observe(observation())
  const [first, second] = await Promise.all([metrics.read(), metrics.read()])
  expect(first).toEqual(second)
})

test('a name can’t break the format', async () => {
  const metrics = create()
  metrics.observe(observation({ token: { slugPerm: 'A', name: 'a"} 1\nevil{x="\\' } }))
  expect(await series(metrics, 'downloads_total')).toEqual([
    'postern_downloads_total{repository="acme/stable",token="A",name="a\\"} 1\\nevil{x=\\"\\\\"} 1',
  ])
})

test('durations fall into cumulative buckets by class of outcome', async () => {
  const metrics = create()
  metrics.observe(observation({ durationMs: 10 }))
  metrics.observe(observation({ durationMs: 400_000 }))
  metrics.observe(observation({ durationMs: 1, outcome: 'token_unknown' }))
  const buckets = await series(metrics, 'request_duration_seconds_bucket')
  expect(buckets).toHaveLength(2 * 17)
  expect(buckets).toContain('postern_request_duration_seconds_bucket{le="0.005",class="delivered"} 0')
  expect(buckets).toContain('postern_request_duration_seconds_bucket{le="0.01",class="delivered"} 1')
  expect(buckets).toContain('postern_request_duration_seconds_bucket{le="300",class="delivered"} 1')
  expect(buckets).toContain('postern_request_duration_seconds_bucket{le="+Inf",class="delivered"} 2')
  expect(await series(metrics, 'request_duration_seconds_sum')).toEqual([
    'postern_request_duration_seconds_sum{class="delivered"} 400.01',
    'postern_request_duration_seconds_sum{class="refused"} 0.001',
  ])
})

test('the storage is timed only where it was asked', async () => {
  const metrics = create()
  metrics.observe(observation({ upstreamMs: 5 }))
  metrics.observe(observation({ upstreamMs: null }))
  expect(await series(metrics, 'upstream_duration_seconds_count')).toEqual([
    'postern_upstream_duration_seconds_count{repository="acme/stable"} 1',
  ])
})

test('counts look-ups, store calls and their failures', async () => {
  const metrics = create()
  for (const result of ['hit', 'hit', 'negative'] as const) metrics.tokenCache(result)
  metrics.store('reserve', 0.002, true)
  metrics.store('reserve', 0.004, false)
  expect(await series(metrics, 'token_cache_lookups_total')).toEqual([
    'postern_token_cache_lookups_total{result="hit"} 2',
    'postern_token_cache_lookups_total{result="negative"} 1',
  ])
  expect(await series(metrics, 'store_duration_seconds_count')).toEqual([
    'postern_store_duration_seconds_count{operation="reserve"} 2',
  ])
  expect(await series(metrics, 'store_failures_total')).toEqual([
    'postern_store_failures_total{operation="reserve"} 1',
  ])
})

test('counts how files of cached repositories were answered, and tells what lies in memory', async () => {
  let bytes = 700
  const metrics = createMetrics({
    maxCustomers: 1,
    version: '0',
    collectProcess: false,
    cacheSize: () => ({ objects: 2, bytes }),
  })
  for (const result of ['hit', 'miss', 'hit', 'shared'] as const) metrics.objectCache(result)
  expect(await series(metrics, 'cache_requests_total')).toEqual([
    'postern_cache_requests_total{result="hit"} 2',
    'postern_cache_requests_total{result="miss"} 1',
    'postern_cache_requests_total{result="shared"} 1',
  ])
  await metrics.read()
  bytes = 100
  const { body } = await metrics.read()
  expect(body).toContain('\npostern_cache_objects 2\n')
  expect(body).toContain('\npostern_cache_bytes 100\n')
})

test('tells how many requests are being answered and what runs', async () => {
  const metrics = create()
  metrics.started()
  metrics.started()
  metrics.ended()
  const { body, contentType } = await metrics.read()
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(body).toContain('\npostern_requests_in_flight 1\n')
  expect(body).toContain(`\npostern_build_info{version="1.2.3",node="${process.versions.node}"} 1\n`)
})

test('figures of the process are there when they are asked for', async () => {
  const withProcess = createMetrics({ maxCustomers: 1, version: '0', collectProcess: true })
  expect((await withProcess.read()).body).toContain('\nprocess_cpu_seconds_total ')
  expect((await create().read()).body).not.toContain('process_cpu')
})

test('leaves the global registry of the library alone', () => {
  create()
  expect(register.getMetricsAsArray()).toEqual([])
})

test('every metric has a help text and a name by the conventions', async () => {
  const { body } = await create().read()
  const types = Array.from(body.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name = '', type = '']) => ({
    name,
    type,
  }))
  expect(types.filter(({ name }) => !name.startsWith('postern_'))).toEqual([])
  expect(types.filter(({ name, type }) => (type === 'counter') !== name.endsWith('_total'))).toEqual([])
  expect(types.filter(({ name, type }) => type === 'histogram' && !name.endsWith('_seconds'))).toEqual([])
  expect(body.match(/^# HELP \S+ \S.*\.$/gm)).toHaveLength(types.length)
})

test('no figure, however wrong, stops the figures', async () => {
  const anyNumber = fc.oneof(fc.double(), fc.constantFrom(NaN, -1, Infinity, -Infinity))
  await fc.assert(
    fc.asyncProperty(anyNumber, anyNumber, anyNumber, async (a, b, c) => {
      const metrics = create()
      metrics.observe(observation({ durationMs: a, upstreamMs: b, bytes: c, charged: a }))
      metrics.store('reserve', b, true)
      expect((await metrics.read()).body).not.toMatch(/NaN|Nan|Inf$| -\d/m)
    }),
    { numRuns: 200 },
  )
})

import { test } from 'vitest'
import { createHistory } from '../src/gateway/history.ts'
import { createLog } from '../src/telemetry/log.ts'
import { createMetrics } from '../src/telemetry/metrics.ts'
import type { Observation } from '../src/telemetry/observation.ts'

const delivered: Observation = {
  at: 1_800_000_000_000,
  method: 'GET',
  status: 200,
  outcome: 'delivered',
  durationMs: 12.5,
  upstreamMs: 3.25,
  bytes: 1024,
  charged: 1,
  client: '203.0.113.7',
  userAgent: 'Debian APT-HTTP/1.3 (2.6.1)',
  entrance: 'path',
  repository: 'acme/stable',
  artifact: {
    format: 'deb',
    kind: 'package',
    path: 'pool/main/w/widget/widget_1.0_amd64.deb',
    filename: 'widget_1.0_amd64.deb',
    name: 'widget',
    version: '1.0',
  },
  token: { slugPerm: '01JD0000000000000000000000', name: 'Example Ltd' },
}

function observations(): Observation[] {
  return Array.from({ length: 1000 }, (_, i) => ({
    ...delivered,
    token: { slugPerm: `01JD${String(i).padStart(22, '0')}`, name: `Customer ${i}` },
  }))
}

test('metrics', async ({ bench }) => {
  const metrics = createMetrics({ maxCustomers: 1000, version: '0', collectProcess: false })
  const all = observations()
  for (const each of all) metrics.observe(each)
  let i = 0
  await bench('observe a delivery, 1000 customers', () => {
    metrics.observe(all[i++ % all.length] ?? delivered)
  }).run()
  await bench('token cache look-up', () => metrics.tokenCache('hit')).run()
  await bench('read, 1000 customers', async () => {
    await metrics.read()
  }).run()
})

test('log', async ({ bench }) => {
  const log = createLog({ level: 'info', destination: (bytes, done) => done(null, bytes.length) })
  await bench('a line about a request', () => log.access(delivered)).run()
})

test('history', async ({ bench }) => {
  const store = { record: async () => undefined, trim: async () => undefined }
  const day = 86_400_000
  const history = createHistory({
    history: store,
    writer: 'bench',
    keep: { hoursMs: day, daysMs: day, logMs: day, logEntries: 1_000, packages: 1_000 },
    addresses: 'full',
    userAgents: true,
    repositories: () => [],
    clock: () => delivered.at,
    flushMs: 3_600_000,
    trimMs: 3_600_000,
    maxWaiting: 30_000,
    onDropped: () => undefined,
    onFailure: () => undefined,
  })
  const all = observations()
  const index = { ...delivered, charged: 0, artifact: { ...all[0]?.artifact, kind: 'metadata' } as const }
  let i = 0
  // As often as under load, so that neither side is without its garbage.
  const observe = (each: Observation): void => {
    history.observe(each)
    if (++i % 5_000 === 0) void history.flush()
  }
  await bench('observe a delivery, 1000 customers', () => observe(all[i % all.length] ?? delivered)).run()
  await bench('observe an index', () => observe(index as Observation)).run()
  await history.close()
})

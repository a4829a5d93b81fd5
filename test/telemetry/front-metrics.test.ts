import { expect, test } from 'vitest'
import { createMetrics } from '../../src/telemetry/metrics.ts'

test('of certificates with one name the one that ends first is told of, and that one is stale', async () => {
  const certificates = [
    { label: 'one.test', notAfter: 5_000_900, isStale: false },
    { label: 'one.test', notAfter: 3_000_000, isStale: true },
    { label: 'one.test', notAfter: 4_000_000, isStale: false },
    { label: 'two.test', notAfter: 9_000_000, isStale: false },
  ]
  const frontFigures = () => ({ connections: 0, certificates })
  const { read } = createMetrics({ maxCustomers: 1, version: '1', collectProcess: false, frontFigures })
  const { body } = await read()
  expect(body.split('\n').filter((line) => line.startsWith('postern_tls_'))).toEqual([
    'postern_tls_certificate_expiry_timestamp_seconds{certificate="two.test"} 9000',
    'postern_tls_certificate_expiry_timestamp_seconds{certificate="one.test"} 3000',
    'postern_tls_certificate_stale{certificate="one.test"} 1',
    'postern_tls_certificate_stale{certificate="two.test"} 0',
  ])
})

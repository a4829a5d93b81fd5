import type { Observation } from '../../src/telemetry/observation.ts'

/** A delivery of one package to one customer, with some things different. */
export function observation(different: Partial<Observation> = {}): Observation {
  return {
    at: Date.parse('2026-03-01T12:00:00Z'),
    method: 'GET',
    status: 200,
    outcome: 'delivered',
    durationMs: 12.3456,
    upstreamMs: 3,
    bytes: 1024,
    charged: 1,
    client: '203.0.113.7',
    userAgent: 'Debian APT-HTTP/1.3 (2.6.1)',
    entrance: 'path',
    repository: 'acme/stable',
    artifact: {
      format: 'deb',
      kind: 'package',
      path: 'pool/w/widget_1.0_amd64.deb',
      filename: 'widget_1.0_amd64.deb',
      name: 'widget',
      version: '1.0',
    },
    token: { slugPerm: '01JDTOKEN1', name: 'Example Ltd' },
    ...different,
  }
}

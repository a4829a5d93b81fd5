import * as fc from 'fast-check'
import type { Entry } from '../../../src/store/journal/entry.ts'

const count = fc.integer({ min: -5, max: Number.MAX_SAFE_INTEGER })
const text = fc.string({ unit: 'grapheme', maxLength: 20 })

/** Any entry. */
export const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    kind: fc.constant('usage' as const),
    delta: fc.record({
      token: text,
      periodStart: fc.option(count),
      lastUsedAt: count,
      downloads: count,
      bytes: count,
      clients: fc.array(fc.tuple(text, count), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    }),
  }),
  fc.record({
    kind: fc.constant('end' as const),
    reservation: fc.record(
      {
        id: text,
        token: text,
        client: text,
        artifact: text,
        epoch: count,
        reservedBytes: count,
        trace: text,
      },
      { requiredKeys: ['id', 'token', 'client', 'artifact', 'epoch', 'reservedBytes'] },
    ),
    sentBytes: count,
    at: count,
  }),
)

/** One download of a token by one client. */
export function usageEntry(
  token: string,
  fields: Partial<Extract<Entry, { kind: 'usage' }>['delta']> = {},
): Entry {
  const clients = new Map([['192.0.2.1', 1]])
  const delta = { token, periodStart: null, lastUsedAt: 1_000, downloads: 1, bytes: 10, clients, ...fields }
  return { kind: 'usage', delta }
}

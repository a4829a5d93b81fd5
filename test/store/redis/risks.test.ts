import { describe, expect, test } from 'vitest'
import { startRedis } from '../../support/redis.ts'
import { openStore, serverAt } from './open.ts'

async function warningsWith(settings: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using server = await startRedis({ settings })
  const warnings: string[] = []
  const store = await openStore(serverAt(server.port), { onWarning: (message) => warnings.push(message) })
  await store.close()
  return warnings
}

const SAFE = { appendonly: 'yes', appendfsync: 'always' }

describe('the start warns of a server that', () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['keeps nothing', { appendonly: 'no', save: '""' }, 'keeps nothing on disk'],
    ['keeps snapshots only', { appendonly: 'no', save: '3600 1' }, 'keeps snapshots only'],
    [
      'leaves writing to the system',
      { appendonly: 'yes', appendfsync: 'no' },
      'leaves writing to the system',
    ],
    ['may evict', { ...SAFE, maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' }, 'may drop tokens'],
  ])('%s', async (_what, settings, warning) => {
    expect(await warningsWith(settings)).toEqual([expect.stringContaining(warning)])
  })

  test.each([SAFE, { ...SAFE, appendfsync: 'everysec' }])('is none of these, not', async (settings) => {
    expect(await warningsWith(settings)).toEqual([])
  })
})

import { expect, test } from 'vitest'
import { startRedis } from '../../support/redis.ts'
import { countersOf, newName, newToken } from '../conformance/fixtures.ts'
import { startLoad } from './load.ts'
import { openStore, serverAt } from './open.ts'

// Not with everysec: Redis then answers before it writes while its last write is still on the way to the disk.
test('with appendfsync always what was acknowledged is there after a kill of the server', async () => {
  await using server = await startRedis({ settings: { appendonly: 'yes', appendfsync: 'always' } })
  const store = await openStore(serverAt(server.port))
  const [name, token] = [newName(), newToken()]
  await store.tokens.create(token)
  const load = startLoad(store, name)
  await expect.poll(load.acknowledged).toBeGreaterThan(500)
  await server.stop('SIGKILL')
  await load.stop()
  await server.restart()
  await expect.poll(() => store.ping().then(() => true, String)).toBe(true)
  expect((await countersOf(store, name))[0]).toBeGreaterThanOrEqual(load.acknowledged())
  expect(await store.tokens.find(token.digest)).toEqual([token])
  await store.close()
})

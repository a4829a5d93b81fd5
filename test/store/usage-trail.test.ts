import { expect, test } from 'vitest'
import type { Store } from '../../src/store/contract.ts'
import { createUsageTrail } from '../../src/store/usage-trail.ts'

/** A store that takes everything, and what of it was noted. */
function rig(noteUsed: (tokens: readonly string[]) => Promise<void> = async () => undefined) {
  const noted: string[][] = []
  const done = async () => undefined
  const store = {
    usage: { reserve: done, settle: done, record: done, reset: done, releaseClient: done },
    tokens: {
      noteUsed: async (tokens: readonly string[]) => {
        await noteUsed(tokens)
        noted.push([...tokens])
      },
    },
  } as unknown as Store
  const errors: unknown[] = []
  const trail = createUsageTrail({ store, flushMs: 20, onFailure: (error) => errors.push(error) })
  return { trail, noted, errors }
}

test('every call that changes usage is noted, each token once', async () => {
  const { trail, noted } = rig()
  const { usage } = trail.store
  await usage.reserve({ token: 'a' } as never)
  await usage.settle({ token: 'a' } as never, 1, 1)
  await usage.record([{ token: 'b' }, { token: 'c' }] as never)
  await usage.reset('d', 1)
  await usage.releaseClient({ token: 'e' } as never)
  await trail.close()
  expect(noted).toEqual([['a', 'b', 'c', 'd', 'e']])
})

test('what was just used is noted only after a while, when it is surely written', async () => {
  const { trail, noted } = rig()
  await trail.store.usage.reset('a', 1)
  expect(noted).toEqual([])
  await expect.poll(() => noted).toEqual([['a']])
  await trail.close()
})

test('what the store did not take is noted later', async () => {
  let fails = true
  const { trail, noted, errors } = rig(async () => {
    if (fails) throw new Error('down')
  })
  await trail.store.usage.reset('a', 1)
  await expect.poll(() => errors.length).toBeGreaterThan(1)
  await trail.store.usage.reset('b', 1)
  fails = false
  await expect.poll(() => noted.flat()).toEqual(['a', 'b'])
  await trail.close()
})

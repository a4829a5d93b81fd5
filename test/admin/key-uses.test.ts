import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createKeyUses } from '../../src/admin/key-uses.ts'
import type { KeyUse } from '../../src/store/contract.ts'

const USE: KeyUse = { digest: 'd', at: 1, address: '192.0.2.1' }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function create(noteUse: (uses: readonly KeyUse[]) => Promise<void>) {
  const failures: unknown[] = []
  const uses = createKeyUses({ keys: { noteUse }, flushMs: 500, onFailure: (error) => failures.push(error) })
  return { uses, failures }
}

test('uses are written together, the last one of each key', async () => {
  const written: (readonly KeyUse[])[] = []
  const { uses } = create(async (some) => void written.push(some))
  for (let at = 1; at <= 1_000; at++) uses.note({ ...USE, at })
  uses.note({ ...USE, digest: 'e' })
  await vi.advanceTimersByTimeAsync(499)
  expect(written).toEqual([])
  await vi.advanceTimersByTimeAsync(1_001)
  expect(written).toEqual([
    [
      { ...USE, at: 1_000 },
      { ...USE, digest: 'e' },
    ],
  ])
  await uses.close()
})

test('what waits is written at the end', async () => {
  const written: (readonly KeyUse[])[] = []
  const { uses } = create(async (some) => void written.push(some))
  uses.note(USE)
  await uses.close()
  expect(written).toEqual([[USE]])
  await vi.advanceTimersByTimeAsync(5_000)
  expect(written).toHaveLength(1)
})

test('a store that fails is told of, and stops nothing', async () => {
  const { uses, failures } = create(() => Promise.reject(new Error('down')))
  uses.note(USE)
  await vi.advanceTimersByTimeAsync(500)
  expect(failures).toEqual([new Error('down')])
  uses.note(USE)
  await uses.close()
  expect(failures).toHaveLength(2)
})

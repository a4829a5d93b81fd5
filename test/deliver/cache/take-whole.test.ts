import { expect, test } from 'vitest'
import { createBufferBody } from '../../../src/deliver/buffer-body.ts'
import { takeWhole } from '../../../src/deliver/cache/take-whole.ts'
import type { Body } from '../../../src/deliver/contract.ts'

const bodyOf = (content: string): Body => createBufferBody(Buffer.from(content), () => undefined)

test('takes a body of the announced size into memory of its own', async () => {
  const taken = await takeWhole(bodyOf('content'), 7, 1_000)
  expect(taken.toString()).toBe('content')
  expect(Buffer.isBuffer(taken) && taken.buffer.byteLength).toBe(7)
  expect(await takeWhole(bodyOf(''), 0, 1_000)).toHaveLength(0)
})

test.each([6, 8])('does not take a body for whole that has another size than %d', async (size) => {
  expect(await takeWhole(bodyOf('content'), size, 1_000)).toBe('broken')
})

test('takes many pieces in their order', async () => {
  const content = 'x'.repeat(200_000) + 'y'.repeat(200_000)
  expect((await takeWhole(bodyOf(content), content.length, 1_000)).toString()).toBe(content)
})

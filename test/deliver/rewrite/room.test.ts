import { expect, test } from 'vitest'
import { createRoom } from '../../../src/deliver/rewrite/room.ts'
import { leavingClient } from '../orders.ts'

const stays = (): void => undefined

/** Whether a promise is settled after everything that waits has had its turn. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.then(() => (settled = true))
  await new Promise(setImmediate)
  return settled
}

test('lets in what fits, and the next when somebody leaves', async () => {
  const room = createRoom(10)
  const leave = await room.take(6, stays)
  const next = room.take(5, stays)
  expect(await isSettled(next)).toBe(false)
  leave?.()
  expect(await isSettled(next)).toBe(true)
})

test('lets nobody pass who came later', async () => {
  const room = createRoom(10)
  await room.take(6, stays)
  const [large, small] = [room.take(5, stays), room.take(1, stays)]
  expect(await Promise.all([isSettled(large), isSettled(small)])).toEqual([false, false])
})

test('lets what is larger than the room in alone', async () => {
  const room = createRoom(10)
  const leave = await room.take(100, stays)
  const next = room.take(1, stays)
  expect(await isSettled(next)).toBe(false)
  leave?.()
  expect(await next).toBeTypeOf('function')
})

test('forgets who leaves while waiting, and lets the others in', async () => {
  const room = createRoom(10)
  await room.take(6, stays)
  const { onGone, leave } = leavingClient()
  const [large, small] = [room.take(5, onGone), room.take(4, stays)]
  leave()
  expect(await large).toBeUndefined()
  expect(await small).toBeTypeOf('function')
})

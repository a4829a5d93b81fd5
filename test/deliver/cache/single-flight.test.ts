import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { DeliveryOrder, Opened } from '../../../src/deliver/contract.ts'
import { refuse, type Refusal } from '../../../src/policy/refusal.ts'
import { waitFor } from '../../support/processes.ts'
import { deliver, leavingClient, orderFor, refusalOf } from '../orders.ts'
import { createRig, found, foundWith, TTL_MS, unchanged, type Rig } from './rig.ts'

type Settle = (opened: Opened | Refusal) => void

/** A rig whose storage answers when the test says so. */
function createSlowRig(options: Parameters<typeof createRig>[1] = {}): Rig & { readonly answers: Settle[] } {
  const answers: Settle[] = []
  const rig = createRig(() => {
    const { promise, resolve } = Promise.withResolvers<Opened | Refusal>()
    answers.push(resolve)
    return promise
  }, options)
  return { ...rig, answers }
}

const textOf = async (answer: Promise<{ readonly content: Buffer }>): Promise<string> =>
  (await answer).content.toString()

test('orders for one object at the same time become one request to the storage', async () => {
  const { deliverer, orders, answers, results } = createSlowRig()
  const all = Array.from({ length: 100 }, () => textOf(deliver(deliverer, orderFor('a'))))
  await turn()
  expect(orders).toHaveLength(1)
  answers[0]?.(found('a'))
  expect(new Set(await Promise.all(all))).toEqual(new Set(['a']))
  expect(orders).toHaveLength(1)
  expect(results.filter((result) => result === 'shared')).toHaveLength(99)
})

test('orders that ask whether it is still current become one request, too', async () => {
  const { deliverer, orders, answers, advance } = createSlowRig()
  const first = deliver(deliverer, orderFor('a'))
  answers[0]?.(found('a', { etag: '"1"' }))
  await first
  advance(TTL_MS)
  const all = Array.from({ length: 50 }, (_, i) =>
    deliver(deliverer, orderFor('a', i % 2 === 0 ? {} : { method: 'HEAD' })),
  )
  await turn()
  answers[1]?.(unchanged())
  expect((await Promise.all(all)).every(({ status }) => status === 200)).toBe(true)
  expect(orders).toHaveLength(2)
})

test('every client gets what its own headers ask for', async () => {
  const { deliverer, answers } = createSlowRig()
  const asked = [{}, { 'if-none-match': '"1"' }, { 'if-match': '"2"' }].map((headers) =>
    deliver(deliverer, orderFor('a', { headers: headers as Record<string, string> })),
  )
  answers[0]?.(found('0123', { etag: '"1"' }))
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 304, 412])
})

test.each<[string, () => Opened | Refusal]>([
  ['too large', () => found('a'.repeat(2_000))],
  ['not to be kept', () => found('a', { 'cache-control': 'no-store' })],
  ['a refusal', () => refuse('not_found')],
  ['a failure', () => refuse('upstream_failed')],
  ['a redirect', () => ({ ...found(''), status: 302, body: null })],
])('when the answer is %s, all who waited ask the storage at once, for themselves', async (_, answer) => {
  const { deliverer, orders, answers, reply } = createSlowRig()
  const all = Array.from({ length: 20 }, () => deliverer.open(orderFor('a')))
  await turn()
  reply(() => found('own'))
  answers[0]?.(answer())
  const opened = await Promise.all(all)
  expect(orders).toHaveLength(20)
  expect(opened.slice(1).every((each) => each.ok && each.status === 200)).toBe(true)
  for (const each of opened) if (each.ok) each.body?.discard()
})

test('when the storage does not answer in time, nobody waits as long again', async () => {
  const { deliverer, orders, answers } = createSlowRig()
  const all = Array.from({ length: 20 }, () => refusalOf(deliverer, orderFor('a')))
  await turn()
  answers[0]?.(refuse('upstream_timeout'))
  expect(new Set(await Promise.all(all))).toEqual(new Set(['upstream_timeout']))
  expect(orders).toHaveLength(1)
})

test('who waited for another variant shares a request for its own', async () => {
  const { deliverer, orders, answers } = createSlowRig()
  const ask = (accept: string) => textOf(deliver(deliverer, orderFor('a', { headers: { accept } })))
  const all = ['x', 'y', 'y', 'z', 'y', 'x'].map(ask)
  const reply = (order: DeliveryOrder | undefined): Opened =>
    found(order?.headers['accept'] ?? '', { vary: 'accept' })
  answers[0]?.(reply(orders[0]))
  await waitFor(() => orders.length === 3)
  answers[1]?.(reply(orders[1]))
  answers[2]?.(reply(orders[2]))
  expect(await Promise.all(all)).toEqual(['x', 'y', 'y', 'z', 'y', 'x'])
  expect(orders).toHaveLength(3)
})

test('a storage that varies each answer by something new is asked by each client in the end', async () => {
  const { deliverer, orders } = createRig((order, number) =>
    found(order.headers['accept'] ?? '', { vary: number % 2 === 0 ? 'accept' : 'accept, user-agent' }),
  )
  const all = Array.from({ length: 10 }, (_, i) =>
    textOf(deliver(deliverer, orderFor('a', { headers: { accept: `${i}`, 'user-agent': `${i}` } }))),
  )
  expect(await Promise.all(all)).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`))
  expect(orders.length).toBeLessThanOrEqual(10)
})

test('nobody joins a request that began longer ago than an answer may be old', async () => {
  const { deliverer, orders, answers, advance } = createSlowRig()
  const first = textOf(deliver(deliverer, orderFor('a')))
  advance(TTL_MS)
  const second = textOf(deliver(deliverer, orderFor('a')))
  const third = textOf(deliver(deliverer, orderFor('a')))
  await turn()
  expect(orders).toHaveLength(2)
  answers[1]?.(found('new'))
  expect([await second, await third]).toEqual(['new', 'new'])
  answers[0]?.(found('old'))
  expect(await first).toBe('old')
  expect(await textOf(deliver(deliverer, orderFor('a')))).toBe('new')
})

test('who waited for an answer that turns out to be good for nobody else asks the storage', async () => {
  const { deliverer, orders, answers, reply } = createSlowRig()
  const all = Array.from({ length: 5 }, () => textOf(deliver(deliverer, orderFor('a'))))
  await turn()
  const headers = { etag: '"1"', 'cache-control': 'no-cache' }
  reply(() => unchanged(headers))
  answers[0]?.(found('a', headers))
  expect(await Promise.all(all)).toEqual(['a', 'a', 'a', 'a', 'a'])
  expect(orders.map((order) => order.headers['if-none-match'])).toEqual([
    undefined,
    '"1"',
    '"1"',
    '"1"',
    '"1"',
  ])
})

test('the client in whose name the storage was asked may leave: the others get their answer', async () => {
  const { deliverer, orders, answers } = createSlowRig()
  const { onGone, leave } = leavingClient()
  const first = deliverer.open(orderFor('a', { onGone }))
  const second = textOf(deliver(deliverer, orderFor('a')))
  let isGone = false
  orders[0]?.onGone(() => (isGone = true))
  leave()
  expect(isGone).toBe(false)
  answers[0]?.(found('a'))
  expect(await second).toBe('a')
  await first
})

test('when the last client leaves, the storage is let go, and a later order is not left with it', async () => {
  const { deliverer, orders, answers } = createSlowRig()
  const clients = [leavingClient(), leavingClient(), leavingClient()]
  const all = clients.map(({ onGone }) => deliverer.open(orderFor('a', { onGone })))
  let isGone = false
  orders[0]?.onGone(() => {
    isGone = true
    answers[0]?.(refuse('upstream_failed'))
  })
  clients[1]?.leave()
  clients[0]?.leave()
  expect(isGone).toBe(false)
  clients[2]?.leave()
  expect(isGone).toBe(true)
  const late = textOf(deliver(deliverer, orderFor('a')))
  expect(orders).toHaveLength(2)
  answers[1]?.(found('a'))
  expect(await late).toBe('a')
  // Each of the others asks for itself, and is told that it is gone.
  for (const answer of answers) answer(refuse('upstream_failed'))
  await waitFor(() => (answers.map((answer) => answer(refuse('upstream_failed'))), orders.length >= 4))
  await Promise.all(all)
})

test('a client that was gone before it asked keeps nothing going', async () => {
  const { deliverer, orders } = createSlowRig()
  const { onGone, leave } = leavingClient()
  leave()
  void deliverer.open(orderFor('a', { onGone }))
  let isGone = false
  orders[0]?.onGone(() => (isGone = true))
  expect(isGone).toBe(true)
})

test('who leaves while the others went to ask for themselves breaks off nobody’s body', async () => {
  const { deliverer, orders, answers, reply } = createSlowRig()
  const { onGone, leave } = leavingClient()
  const body = {
    send: async () => ({ bytes: 1, complete: true, upstreamFailed: false }),
    discard: () => undefined,
  }
  const first = deliverer.open(orderFor('a'))
  const second = deliverer.open(orderFor('a', { onGone }))
  let isGone = false
  orders[0]?.onGone(() => (isGone = true))
  reply(() => found('own'))
  answers[0]?.(foundWith(body, 5_000))
  await Promise.all([first, second])
  leave()
  expect(isGone).toBe(false)
})

test('the body of an answer that is the client’s own is let go when that client leaves', async () => {
  const { deliverer, orders, answers, reply } = createSlowRig()
  const { onGone, leave } = leavingClient()
  const first = deliverer.open(orderFor('a', { onGone }))
  const second = deliverer.open(orderFor('a'))
  let isGone = false
  orders[0]?.onGone(() => (isGone = true))
  reply(() => found('own'))
  answers[0]?.(found('a'.repeat(2_000)))
  await Promise.all([first, second])
  leave()
  expect(isGone).toBe(true)
})

test('close waits for those who wait, and only then closes the storage', async () => {
  const closedAt: number[] = []
  const { deliverer, orders, answers, reply } = createSlowRig()
  const all = [deliverer.open(orderFor('a')), deliverer.open(orderFor('a'))]
  const closing = deliverer.close().then(() => closedAt.push(orders.length))
  await turn()
  expect(closedAt).toEqual([])
  reply(() => found('own'))
  answers[0]?.(found('a'.repeat(2_000)))
  await Promise.all([...all, closing])
  expect(closedAt).toEqual([2])
})

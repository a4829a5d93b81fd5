import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createShares } from '../../../src/deliver/wire/shares.ts'
import { waitFor } from '../../support/processes.ts'
import { answerWith } from '../storages.ts'
import { GET_X, listen, startRig, type Listening, type Rig } from './asking.ts'

const OK = answerWith('200 OK', { 'content-length': '4' }, 'body')

test('whoever has less than half finds a connection, and nobody is held back before the last eighth', () => {
  const anyStep = record({
    customer: constantFrom('a', 'b', undefined),
    isTaken: boolean(),
  })
  assert(
    property(integer({ min: 1, max: 40 }), array(anyStep, { maxLength: 120 }), (connections, steps) => {
      const shares = createShares(connections)
      const held: (string | undefined)[] = []
      for (const { customer, isTaken } of steps) {
        const own = held.filter((each) => each === customer).length
        const may = shares.mayTake(customer)
        const isScarce = held.length >= connections - Math.floor(connections / 8)
        expect(may).toBe(customer === undefined || !isScarce || own < Math.ceil(connections / 2))
        if (isTaken && may && held.length < connections) {
          shares.take(customer)
          held.push(customer)
        } else if (!isTaken && own > 0) {
          shares.giveBack(customer)
          held.splice(held.indexOf(customer), 1)
        }
      }
    }),
  )
})

describe('a storage with sixteen connections', () => {
  const askFor = (rig: Rig, customer: string, count: number): readonly Listening[] =>
    Array.from({ length: count }, (_, at) =>
      listen(rig.client, { ...GET_X, path: `/${customer}/${at}` }, customer),
    )
  const pathsOf = (rig: Rig): readonly string[] =>
    rig.server.requests().map((head) => head.split(' ')[1] ?? '')

  test('is there for others while a customer stalls, however many requests he has waiting', async () => {
    const asked: Socket[] = []
    await using rig = await startRig(
      (socket, head) => (head.includes('/other/') ? OK(socket) : void asked.push(socket)),
      { connections: 16 },
    )
    const stalling = askFor(rig, 'staller', 100)
    await waitFor(() => asked.length === 14)
    for (let round = 0; round < 5; round++) {
      const [one, two] = askFor(rig, 'other', 2)
      expect((await one?.ended)?.content.toString()).toBe('body')
      expect((await two?.ended)?.content.toString()).toBe('body')
    }
    expect(asked).toHaveLength(14)
    expect(rig.server.open()).toBeLessThanOrEqual(16)
    // He gets no more than he had, and all of it, when some of his own end.
    stalling.slice(0, 3).forEach(({ flow }) => flow.abort())
    await waitFor(() => asked.length === 17)
    stalling.forEach(({ flow }) => flow.abort())
  })

  test('serves in turn those who wait', async () => {
    const asked: Socket[] = []
    await using rig = await startRig((socket) => void asked.push(socket), { connections: 1 })
    const all = [...askFor(rig, 'many', 4), ...askFor(rig, 'few', 2)]
    for (let answered = 0; answered < all.length; answered++) {
      await waitFor(() => asked.length > answered)
      OK(asked[answered] as Socket)
    }
    for (const { ended } of all) expect((await ended).content.toString()).toBe('body')
    expect(pathsOf(rig)).toEqual(['/many/0', '/few/0', '/many/1', '/few/1', '/many/2', '/many/3'])
  })

  test('gives up what comes too late for a share, and closes when nothing waits', async () => {
    const asked: Socket[] = []
    const rig = await startRig((socket) => void asked.push(socket), {
      connections: 16,
      connectTimeoutMs: 200,
      headersTimeoutMs: 200,
    })
    const all = askFor(rig, 'staller', 40)
    for (const { ended } of all) expect((await ended).end).toBe('failed')
    await rig.client.close()
    await rig[Symbol.asyncDispose]()
    expect(asked.length).toBeLessThanOrEqual(40)
  })
})

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Reservation, Store } from '../../../src/store/contract.ts'
import { createAdopter } from '../../../src/store/journal/adopt.ts'
import { createJournal } from '../../../src/store/journal/journal.ts'
import { createKnownCounters } from '../../../src/store/journal/known-counters.ts'
import { createReplay } from '../../../src/store/journal/replay.ts'
import { createStandIn } from '../../../src/store/journal/stand-in.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../../support/processes.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { startRelay, type Relay } from '../../support/relay.ts'
import { countersOf, newDelivery, newName, NOW, SIZE } from '../conformance/fixtures.ts'
import { openStore, serverAt } from '../redis/open.ts'

let server: RedisServer
let directory: TemporaryDirectory
beforeAll(async () => {
  server = await startRedis()
  directory = await temporaryDirectory('lost-reply')
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await directory.remove()
})

const ignore = (): void => undefined

/** A process whose store charged a delivery, and whose question about it was never answered: it stood in. */
async function loseReply(isReady: boolean) {
  const relay: Relay = await startRelay(server.port)
  const prefix = newName()
  const folder = join(directory.path, prefix)
  const store = await openStore(serverAt(relay.port), { prefix, heartbeatMs: 100 })
  const witness = await openStore(serverAt(server.port), { prefix })
  const journal = createJournal({
    folder,
    maxBytes: 1e9,
    newWriter: () => randomUUID().replaceAll('-', ''),
    clock: Date.now,
    onLost: ignore,
  })
  const standIn = createStandIn({
    usage: store.usage,
    journal,
    health: { state: () => 'up', suspect: ignore },
    known: createKnownCounters(10),
    monotonic: () => performance.now(),
    keep: ignore,
    onDelivery: ignore,
  })
  const limits = { limitDownloads: 9, limitBytes: 9 * SIZE, ...(!isReady && { limitConcurrency: 9 }) }
  const request = newDelivery({ ...limits, isReady })
  relay.holdAnswers()
  const answer = await standIn.reserve(request)
  expect('book' in answer).toBe(true)
  expect(await countersOf(witness, request.token)).toEqual([1, 1, SIZE])
  if (!isReady) await standIn.settle(answer as Reservation, SIZE, NOW)
  return { relay, store, witness, journal, folder, token: request.token }
}

async function close({ relay, witness }: { readonly relay: Relay; readonly witness: Store }): Promise<void> {
  await witness.close()
  await relay[Symbol.asyncDispose]()
}

const replayWith = ({ usage }: Store) => createReplay({ usage, attempts: 100, onReplayed: ignore })

describe.each([
  ['a delivery', false],
  ['a delivery that is settled as it is charged', true],
])('%s whose answer is lost', (_what, isReady) => {
  test('counts once when the store gives back what it charged, and the journal does, too', async () => {
    const lost = await loseReply(isReady)
    const { relay, store, witness, journal, token } = lost
    relay.resume()
    const [segment] = journal.seal()
    if (segment === undefined) throw new Error('nothing was journaled')
    await expect.poll(() => replayWith(store)(segment).then(() => true, String)).toBe(true)
    await expect.poll(() => countersOf(witness, token)).toEqual([1, 1, SIZE])
    // The store has had time to give back more than once.
    await store.ping()
    await store.close()
    expect(await countersOf(witness, token)).toEqual([1, 1, SIZE])
    await close(lost)
  })

  test('counts once when the process is killed before its store could give back what it charged', async () => {
    const lost = await loseReply(isReady)
    const { relay, store, witness, journal, folder, token } = lost
    // As good as killed: nothing of what it still wants to say gets through.
    relay.refuse()
    await store.close()
    journal.close()
    expect(await countersOf(witness, token)).toEqual([1, 1, SIZE])
    const adopter = createAdopter(folder, replayWith(witness))
    await adopter.look()
    await adopter.replay()
    expect(await countersOf(witness, token)).toEqual([1, 1, SIZE])
    await close(lost)
  })
})

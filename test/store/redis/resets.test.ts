import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { newNote } from '../conformance/audit.ts'
import { newName, NOW } from '../conformance/fixtures.ts'
import { openStore, serverAt } from './open.ts'

let server: RedisServer
let store: Store
const PREFIX = 'resets'
const SHARED = `${PREFIX}:{tokens}`
beforeAll(async () => {
  server = await startRedis()
  store = await openStore(serverAt(server.port), { prefix: PREFIX })
})
afterAll(async () => {
  await store.close()
  await server[Symbol.asyncDispose]()
})

function announced(token: string, at = Date.now()): { id: string; text: string } {
  const object = { kind: 'entitlement', owner: 'acme', repo: 'deb', id: token, name: 'T' }
  const note = { ...newNote({ event: 'repo.entitlement.reset' }), object }
  return { id: note.id, text: JSON.stringify({ token, note, at }) }
}

async function linesOf(token: string) {
  const everything = { owner: null, repo: null, actor: null, event: null, from: null, until: null }
  return (await store.audit.list({ ...everything, object: token, page: 1, pageSize: 10 })).entries
}

test('a reset whose process died before it wrote the line gets it, once, and its event', async () => {
  const token = newName()
  const { id, text } = announced(token)
  await server.command('HSET', `${SHARED}:resets`, id, text)
  await server.command('HSET', `${PREFIX}:{${token}}:reset-counters`, id, '7 2 9007199254740991')
  const lists = await Promise.all([linesOf(token), linesOf(token), linesOf(token)])
  expect((await linesOf(token)).map(({ changes }) => changes)).toEqual([
    { downloads: [7, 0], clients: [2, 0], bytes: [9007199254740991, 0] },
  ])
  expect(lists.every((entries) => entries.length === 1)).toBe(true)
  const events = await store.events.waiting(100)
  expect(events.filter((event) => event.id === id)).toMatchObject([{ type: 'token.reset', at: NOW }])
  expect(await server.command('HLEN', `${SHARED}:resets`)).toBe('0')
  expect(await server.command('EXISTS', `${PREFIX}:{${token}}:reset-counters`)).toBe('0')
})

test('a reset that was announced and never made gets no line, and is forgotten after a day', async () => {
  const [token, other] = [newName(), newName()]
  const [fresh, old] = [announced(token), announced(other, Date.now() - 86_400_001)]
  await server.command('HSET', `${SHARED}:resets`, fresh.id, fresh.text, old.id, old.text)
  expect(await linesOf(token)).toEqual([])
  expect(await server.command('HKEYS', `${SHARED}:resets`)).toBe(fresh.id)
})

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ulid } from 'ulid'
import { describe, expect, test } from 'vitest'
import { createDispatcher } from '../../src/events/dispatcher.ts'
import { post } from '../../src/events/post.ts'
import { createTargetRules } from '../../src/policy/webhook-target.ts'
import type { Store } from '../../src/store/contract.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { openStore, serverAt } from '../store/redis/open.ts'
import { startGate, type Gate } from '../support/gate.ts'
import { temporaryDirectory, waitFor } from '../support/processes.ts'
import { startRedis } from '../support/redis.ts'
import { startTarget, type Target } from './target.ts'

const CHANGES = 60
/** Longer than an attempt of a process that died is waited for. */
const LATER_MS = 61_000
const RULES = createTargetRules({ allowsHttp: true, networks: ['127.0.0.1'] })

interface Kept {
  /** As the configuration names it. */
  readonly store: string
  /** Opens it once more, when nobody else has it. */
  readonly open: () => Promise<Store>
}

const STORES: Readonly<Record<string, (owned: AsyncDisposableStack) => Promise<Kept>>> = {
  SQLite: async (owned) => {
    const file = join(owned.use(await temporaryDirectory('events')).path, 'postern.db')
    const options = { file, synchronous: 'normal', processId: 'after', clock: Date.now } as const
    return { store: `sqlite:${file}`, open: () => openSqliteStore(options) }
  },
  Redis: async (owned) => {
    const { port } = owned.use(await startRedis())
    return { store: `redis://127.0.0.1:${port}`, open: () => openStore(serverAt(port)) }
  },
}

/** When the server is killed: each time events wait, too, that nobody has handed out. */
const STAGES: Readonly<Record<string, { readonly answer: number | 'silent'; readonly received: number }>> = {
  'while a target has not answered yet': { answer: 'silent', received: 1 },
  'when targets have answered': { answer: 204, received: 5 },
}

interface Sent {
  readonly id: string
  readonly type: string
  readonly delivery: { readonly id: string; readonly attempt: number; readonly is_retry: boolean }
}

/** Makes tokens until enough was received, and kills the server in the midst of it. Gives the tokens that it acknowledged. */
async function makeAndKill(gate: Gate, { received }: Target, enough: number): Promise<readonly string[]> {
  const made: string[] = []
  const making = Array.from({ length: CHANGES }, async () => {
    const token = await gate.createToken('acme/files').catch(() => undefined)
    if (token !== undefined) made.push(token.slug_perm)
  })
  await waitFor(() => made.length >= 5 && received.length >= enough)
  await gate.stop('SIGKILL')
  await Promise.all(making)
  return made
}

/** Sends what is left, as another process does a minute later. */
async function sendTheRest({ events, webhooks }: Store): Promise<void> {
  const dispatcher = createDispatcher({
    store: { events, webhooks },
    post: (what) =>
      post(what, {
        rules: RULES,
        resolve: () => Promise.reject(new Error('a name')),
        timeoutMs: 5_000,
      }),
    unseal: () => 'the secret',
    newId: () => ulid(),
    clock: () => Date.now() + LATER_MS,
    random: () => 0.5,
    version: '1.2.3',
    onAttempt: () => undefined,
    onError: (error) => {
      throw error
    },
  })
  await waitFor(async () => {
    await dispatcher.turn()
    await dispatcher.drain()
    return (await events.waiting(1)).length === 0 && (await events.counts()).waiting === 0
  })
}

describe.each(Object.entries(STORES))('on %s', (_name, storeOf) => {
  test.each(Object.entries(STAGES))(
    'kill -9 %s loses no event, and what is sent twice says so by its id',
    async (_stage, { answer, received }) => {
      await using owned = new AsyncDisposableStack()
      const target = owned.use(await startTarget())
      const { store: name, open } = await storeOf(owned)
      target.answerWith(answer)
      const gate = owned.use(
        await startGate({
          config: {
            store: name,
            secret_key: randomBytes(32).toString('hex'),
            repositories: { 'acme/files': { format: 'raw', upstream: 'http://127.0.0.1:9/' } },
            events: { allow_http: true, allowed_networks: ['127.0.0.1'] },
          },
        }),
      )
      const events = ['token.created']
      await gate.admin('POST', '/webhooks/acme/', { target_url: target.url, events })
      const acknowledged = await makeAndKill(gate, target, received)
      target.answerWith(204)
      const store = await open()
      owned.defer(() => store.close())
      await sendTheRest(store)

      const query = { owner: 'acme', repo: 'files', object: null, actor: null, from: null, until: null }
      const page = { page: 1, pageSize: 500, event: 'repo.entitlement.created' } as const
      const { entries } = await store.audit.list({ ...query, ...page })
      const made = new Set(entries.map(({ object }) => object.id))
      expect(acknowledged.filter((slugPerm) => !made.has(slugPerm))).toEqual([])
      const sent = target.received.map(({ body }) => body as unknown as Sent)
      expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(entries.map(({ id }) => id)))
      for (const same of Map.groupBy(sent, ({ id }) => id).values()) {
        expect(new Set(same.map(({ delivery }) => delivery.id)).size).toBe(1)
        // The first may be one, too: an attempt may have died before it was made.
        expect(same.slice(1).every(({ delivery }) => delivery.is_retry)).toBe(true)
      }
    },
  )
})

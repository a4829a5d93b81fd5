import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { temporaryDirectory, waitFor } from '../support/processes.ts'
import { startRedis } from '../support/redis.ts'

const SOURCE = 300
const REPLACED = 60
/** When the server is killed, as a share of the time that the changes take undisturbed. */
const MOMENTS = [0.3, 0.7] as const
/** What is done to repositories, and which: one undisturbed, one for each moment. */
const KINDS = ['sync', 'bulk'] as const
const PARTS = ['whole', ...MOMENTS.map((_, index) => `cut-${index}`)]
const PLACES = ['source', ...KINDS.flatMap((kind) => PARTS.map((part) => `${kind}-${part}`))]

type Token = Readonly<Record<string, unknown>>

const row = (index: number): Token => ({
  name: `Customer ${index}`,
  token: `a-secret-of-customer-${index}`,
  limit_num_downloads: index,
  metadata: { licence: index },
  is_active: index % 7 !== 0,
})
const SOURCE_ROWS = Array.from({ length: SOURCE }, (_, index) => row(index))
/** Some of them under secrets that the copies will have. */
const OLD_ROWS = Array.from({ length: REPLACED }, (_, index) => ({
  ...row(index),
  name: `Old ${index}`,
  ...(index % 2 ? {} : { token: `an-old-secret-${index}` }),
}))
/** Deletes some, changes others, and makes many. */
const CHANGE_ROWS: readonly Token[] = [
  ...OLD_ROWS.slice(0, 30).map(({ name }) => ({ action: 'delete', name })),
  ...OLD_ROWS.slice(30).map(({ name }) => ({ name, limit_num_downloads: 7, metadata: { changed: true } })),
  ...Array.from({ length: SOURCE }, (_, index) => ({ name: `New ${index}`, token: `a-new-secret-${index}` })),
]

const STORES: Readonly<Record<string, (owned: AsyncDisposableStack) => Promise<string>>> = {
  SQLite: async (owned) => `sqlite:${join(owned.use(await temporaryDirectory('killed')).path, 'postern.db')}`,
  Redis: async (owned) => `redis://127.0.0.1:${owned.use(await startRedis()).port}`,
}

describe.each(Object.entries(STORES))('a server on %s that is killed in the middle', (_name, storeOf) => {
  const owned = new AsyncDisposableStack()
  const secretKey = randomBytes(32).toString('hex')
  const upstream = { format: 'raw', upstream: 'http://127.0.0.1:9/' } as const
  let store: string
  let gate: Gate
  let tookMs: number

  const start = (): Promise<Gate> => {
    const repositories = Object.fromEntries(PLACES.map((name) => [`acme/${name}`, upstream]))
    return startGate({ config: { store, secret_key: secretKey, repositories } })
  }
  const bulk = async (repo: string, rows: readonly Token[]): Promise<unknown> =>
    await ask('POST', `/entitlements/acme/${repo}/bulk/`, rows)
  const sync = async (repo: string): Promise<unknown> =>
    await ask('POST', `/entitlements/acme/${repo}/sync/`, { source: 'source' })
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await gate.admin(method, path, body)
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body).slice(0, 1_000))
    return answer.body
  }
  /** For what may be done twice: a store that is slow, on a machine that is busy with other tests, is asked again. */
  const patiently = (work: () => Promise<unknown>): Promise<unknown> =>
    waitFor(work, { what: 'a store that answers' })
  const readAll = async (path: string): Promise<readonly Token[]> => {
    const all: Token[] = []
    for (let page = 1; ; page++) {
      const target = `${path}&page_size=500&page=${page}`
      const found = (await patiently(() => ask('GET', target))) as readonly Token[]
      all.push(...found)
      if (found.length < 500) return all
    }
  }
  /** Everything of the tokens but what is another one each time. */
  const tokensIn = async (repo: string): Promise<readonly Token[]> => {
    const tokens = await readAll(`/entitlements/acme/${repo}/?show_tokens=true`)
    return tokens.map((token) => {
      const { name, token: secret, limit_num_downloads: limit, metadata, is_active: isActive } = token
      return { name, secret, limit, metadata, isActive }
    })
  }
  const linesOf = async (repo: string): Promise<readonly string[]> =>
    (await readAll(`/audit-log/acme/${repo}/?`)).map(({ event }) => String(event))
  /** Whether the changes were made; fails for anything between, and for a log that says otherwise. */
  const isChanged = async (kind: string, repo: string): Promise<boolean> => {
    const whole = `${kind}-whole`
    const [found, after] = [await tokensIn(repo), await tokensIn(whole)]
    const isDone = found.length === after.length
    expect(found).toEqual(isDone ? after : before)
    const lines = isDone ? await linesOf(whole) : OLD_ROWS.map(() => 'repo.entitlement.created')
    expect((await linesOf(repo)).toSorted()).toEqual(lines.toSorted())
    return isDone
  }
  let before: readonly Token[]

  beforeAll(async () => {
    store = await storeOf(owned)
    gate = await start()
    await patiently(() => bulk('source', SOURCE_ROWS))
    for (const repo of PLACES.slice(1)) await patiently(() => bulk(repo, OLD_ROWS))
    before = await tokensIn('sync-whole')
    const begunAt = performance.now()
    await Promise.all([sync('sync-whole'), bulk('bulk-whole', CHANGE_ROWS)])
    tookMs = performance.now() - begunAt
  })
  afterAll(async () => {
    await gate[Symbol.asyncDispose]()
    await owned.disposeAsync()
  })

  test('does all of it when nobody kills it', async () => {
    expect(await tokensIn('sync-whole')).toHaveLength(SOURCE)
    expect(await tokensIn('bulk-whole')).toHaveLength(SOURCE + 30)
  })

  test.each(MOMENTS.map((share, index) => [share, index] as const))(
    'after %d of the time has all tokens from before or all new ones, with their lines in the log, and can be asked again',
    async (share, index) => {
      const [synced, changed] = [`sync-cut-${index}`, `bulk-cut-${index}`]
      const changes = Promise.allSettled([sync(synced), bulk(changed, CHANGE_ROWS)])
      await pause(tookMs * share)
      await gate.stop('SIGKILL')
      const answers = await changes
      gate = await start()
      const made = [await isChanged('sync', synced), await isChanged('bulk', changed)]
      const isLost = answers.some(({ status }, at) => status === 'fulfilled' && !made[at])
      expect(isLost).toBe(false)
      await patiently(() => sync(synced))
      await patiently(() => bulk(changed, CHANGE_ROWS))
      expect(await tokensIn(synced)).toEqual(await tokensIn('sync-whole'))
      expect(await tokensIn(changed)).toEqual(await tokensIn('bulk-whole'))
    },
  )
})

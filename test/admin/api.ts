import { once } from 'node:events'
import { randomBytes, randomInt } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ulid } from 'ulid'
import { afterAll, beforeAll } from 'vitest'
import { createAdmin, type AdminOptions } from '../../src/admin/app.ts'
import type { Repository } from '../../src/policy/types.ts'
import { createTargetRules } from '../../src/policy/webhook-target.ts'
import type { Store } from '../../src/store/contract.ts'
import { createSecretKeeper, type SecretKeeper } from '../../src/store/secret-keeper.ts'
import { FULL_KEY } from '../../src/store/stored-key.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { temporaryDirectory } from '../support/processes.ts'

export const KEY = 'a-key-of-the-management-api-for-tests'
export const TOKENS = '/entitlements/acme/stable/'

/** Of sessions of the console. */
export const IDLE_MS: number = 30 * 60_000
export const MAX_MS: number = 12 * 3_600_000

/** A token in an answer. */
export type Json = Readonly<Record<string, unknown>>

export interface Answered {
  readonly status: number
  readonly headers: Headers
  /** undefined when there is none, text when it is no JSON. */
  readonly body: unknown
  readonly text: string
}

export interface Api extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly store: Store
  readonly keeper: SecretKeeper
  /** What went to `onError`. */
  readonly errors: unknown[]
  /** Moves the clock of the API. */
  readonly setNow: (epochMs: number) => void
  /** Sends a request as it is given. */
  readonly send: (path: string, init?: RequestInit) => Promise<Answered>
  /** Sends a request with the key and a JSON body. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answered>
  /** Creates a token in acme/stable and gives it back with its secret. Fails unless the answer is 201. */
  readonly create: (fields?: Json) => Promise<Json & { readonly slug_perm: string; readonly token: string }>
  /** The token in acme/stable as it stands, with its secret. */
  readonly read: (slugPerm: unknown) => Promise<Json>
}

/** What of an API for tests is to be another way. */
export type Overrides = Partial<AdminOptions> & {
  readonly wrapStore?: (store: Store) => Store
  /** Default: SQLite. */
  readonly openStore?: (clock: () => number) => Promise<Store>
}

const REPOSITORIES = new Map([
  ['acme/stable', repository('acme', 'stable')],
  ['acme/other', repository('acme', 'other')],
])

function repository(owner: string, repo: string): Repository {
  return { owner, repo, format: 'deb', public: false }
}

/** The management API over a store of its own, listening on a free port. */
export async function startApi({
  wrapStore = (store) => store,
  openStore,
  ...overrides
}: Overrides = {}): Promise<Api> {
  const directory = await temporaryDirectory('admin')
  let now = Date.UTC(2030, 0, 1)
  const clock = (): number => now
  const file = join(directory.path, 'postern.db')
  const openSqlite = (): Promise<Store> =>
    openSqliteStore({ file, synchronous: 'normal', processId: 'test', clock })
  const store = await (openStore?.(clock) ?? openSqlite())
  const keeper = createSecretKeeper('a server key that is long enough for it', randomBytes)
  await store.keys.create({
    ...FULL_KEY,
    id: ulid(),
    name: 'Operations',
    digest: keeper.digest(KEY),
    createdAt: now,
  })
  const errors: unknown[] = []
  const app = createAdmin({
    store: wrapStore(store),
    keeper,
    clock,
    newId: () => ulid(),
    randomInt: (below) => randomInt(below),
    repositories: () => REPOSITORIES,
    downloadUrl: ({ owner, repo }) => `https://packages.example.com/basic/${owner}/${repo}/`,
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'postern_up 1\n' }),
    readiness: async () => 'ready',
    explain: async (request) => request,
    purgeCache: () => 0,
    clientAddress: (peer) => peer,
    noteKeyUse: (use) => void store.keys.noteUse([use]).catch(() => undefined),
    historyKept: () => ({ hoursMs: 8 * 86_400_000, daysMs: 400 * 86_400_000 }),
    targetRules: () => createTargetRules({ allowsHttp: false, networks: [] }),
    sessions: {
      keeper: createSecretKeeper('a server key that is long enough for it', randomBytes, 'session'),
      limits: () => ({ idleMs: IDLE_MS, maxMs: MAX_MS }),
    },
    consoleFiles: new Map(),
    onError: (error) => errors.push(error),
    ...overrides,
  })
  const server = createServer({ keepAliveTimeout: 75_000 }, app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const close = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await store.close()
    await directory.remove()
  }
  const setNow = (epochMs: number): void => void (now = epochMs)
  return { url, port, store, keeper, errors, setNow, ...createClient(url), [Symbol.asyncDispose]: close }
}

function createClient(url: string): Pick<Api, 'send' | 'call' | 'create' | 'read'> {
  const send: Api['send'] = async (path, init) => {
    const response = await fetch(url + path, init)
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: parse(text) }
  }
  const call: Api['call'] = (method, path, body) =>
    send(path, {
      method,
      headers: { 'X-Api-Key': KEY, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  return {
    send,
    call,
    create: async (fields) => {
      const answer = await call('POST', `${TOKENS}?show_tokens=true`, { name: 'Customer', ...fields })
      if (answer.status !== 201) throw new Error(`No token was created: ${answer.text}`)
      return answer.body as Json & { slug_perm: string; token: string }
    },
    read: async (slugPerm) =>
      (await call('GET', `${TOKENS}${String(slugPerm)}/?show_tokens=true`)).body as Json,
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return text
  }
}

/** One API for all tests of a file. */
export function useApi(overrides?: Overrides): Api {
  let api: Api | undefined
  beforeAll(async () => {
    api = await startApi(overrides)
  })
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]()
  })
  return new Proxy({} as Api, {
    get: (_target, name) => {
      if (api === undefined) throw new Error('The API runs only inside tests')
      return Reflect.get(api, name)
    },
  })
}

/** The messages of a 422, by field; fails for another answer. */
export function fieldsOf({ status, body, text }: Answered): Readonly<Record<string, readonly string[]>> {
  if (status !== 422) throw new Error(`The answer is ${status}: ${text}`)
  return (body as { fields: Record<string, string[]> }).fields
}

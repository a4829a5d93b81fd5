import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'

const REPOSITORY = 'acme/conan'
const LOGIN = 'v2/users/authenticate'
const BINARY =
  'v2/conans/zlib/1.3.1/_/_/revisions/f52e03/packages/b647c4/revisions/0a1b/files/conan_package.tgz'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage()
  const file = join(storage.root, 'conan', BINARY)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, 'binary')
  const [conan, raw] = [`${storage.url}/conan/`, `${storage.url}/raw/`]
  const repositories = {
    [REPOSITORY]: { format: 'conan', upstream: conan },
    'acme/raw': { format: 'raw', upstream: raw },
    'acme/open': { format: 'conan', upstream: conan, public: true },
  } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

function basic(secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`anybody:${secret}`).toString('base64')}` }
}

function ask(path: string, headers: Record<string, string>, method = 'GET'): Promise<Response> {
  return fetch(`${gate.url}/basic/${path}`, { headers, method })
}

test('a client that logs in with a password gets the token that it sends from then on', async () => {
  const { token } = await gate.createToken(REPOSITORY)
  const login = await ask(`${REPOSITORY}/${LOGIN}`, basic(token))
  expect([login.status, login.headers.get('content-type')]).toEqual([200, 'text/plain'])
  expect(login.headers.get('cache-control')).toBe('no-store')
  const bearer = { authorization: `Bearer ${await login.text()}` }
  expect(bearer.authorization).toBe(`Bearer ${token}`)
  const tried = await ask(`${REPOSITORY}/v2/users/check_credentials`, bearer)
  expect([tried.status, await tried.text()]).toEqual([200, 'token'])
  const file = await ask(`${REPOSITORY}/${BINARY}`, bearer)
  expect([file.status, await file.text()]).toEqual([200, 'binary'])
  expect(storage.heard()).not.toMatch(/users|authorization/i)
  expect(gate.output()).not.toContain(token)
})

test('a HEAD for it has no body, and a POST is refused', async () => {
  const { token } = await gate.createToken(REPOSITORY)
  const head = await ask(`${REPOSITORY}/${LOGIN}`, basic(token), 'HEAD')
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(token.length)])
  expect(await head.text()).toBe('')
  expect((await ask(`${REPOSITORY}/${LOGIN}`, basic(token), 'POST')).status).toBe(405)
})

test('a login that is no good is refused as anything else is', async () => {
  const closed = await gate.createToken(REPOSITORY, { is_active: false })
  expect((await ask(`${REPOSITORY}/${LOGIN}`, {})).status).toBe(401)
  const unknown = await ask(`${REPOSITORY}/${LOGIN}`, basic('never-issued-0815'))
  expect([unknown.status, await unknown.text()]).toEqual([401, 'Unknown token\n'])
  const refused = await ask(`${REPOSITORY}/${LOGIN}`, basic(closed.token))
  expect(refused.status).toBe(403)
  expect(await refused.text()).not.toContain(closed.token)
})

test('where nobody has to log in, and for other formats, such a path is one of the storage', async () => {
  const { token } = await gate.createToken('acme/raw')
  expect((await ask(`acme/raw/${LOGIN}`, basic(token))).status).toBe(404)
  const open = await fetch(`${gate.url}/public/acme/open/${LOGIN}`, { headers: basic(token) })
  expect(open.status).toBe(404)
  expect(await open.text()).not.toContain(token)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { createGo, type Go } from '../support/go.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { startTlsFront, type TlsFront } from '../support/tls-front.ts'
import {
  CLOSED_TOKENS,
  downloadsOf,
  expectSuccess,
  FAR_LIMIT,
  OUT_OF_SCOPE,
  USED_UP,
} from './entitlements.ts'

const REPOSITORY = 'acme/modules'
const TOOL = 'example.com/acme/tool'
const LIB = 'example.com/Acme/Lib'

let storage: Storage
let gate: Gate
let front: TlsFront

beforeAll(async () => {
  storage = await startStorage('go')
  const repositories = { [REPOSITORY]: { format: 'go', upstream: `${storage.url}/go/` } } as const
  gate = await startGate({ config: { repositories } })
  front = await startTlsFront(gate.port)
})

afterAll(async () => {
  await front?.[Symbol.asyncDispose]()
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** The secret stands in the URL of the proxy. */
function goWithTokenUrl({ token }: GateToken): Promise<Go> {
  return createGo({ proxy: `${gate.url}/${token}/${REPOSITORY}` })
}

/** The secret is a password in the URL; go sends such only over TLS. */
function goWithLogin({ token }: GateToken): Promise<Go> {
  const url = front.url.replace('//', `//token:${token}@`)
  return createGo({ proxy: `${url}/basic/${REPOSITORY}`, certificate: front.certificate })
}

function goWithNetrc({ token }: GateToken): Promise<Go> {
  const netrc = `machine localhost login token password ${token}\n`
  return createGo({ proxy: `${front.url}/basic/${REPOSITORY}`, certificate: front.certificate, netrc })
}

test.each([
  { title: 'in the URL', start: goWithTokenUrl },
  { title: 'as a password', start: goWithLogin },
  { title: 'in .netrc', start: goWithNetrc },
])('go gets modules with the token $title, and each costs one download', async ({ start }) => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using go = await start(token)
  expectSuccess(await go.run('get', TOOL))
  expect(await go.read('go.mod')).toContain(`${TOOL} v1.1.0`)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  expectSuccess(await go.run('get', LIB))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('go gets a module whose name has capital letters', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['example.com/Acme/*'] })
  await using go = await goWithTokenUrl(token)
  expectSuccess(await go.run('get', LIB))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('go.mod and go.sum say nothing of the gate and the token', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using go = await goWithTokenUrl(token)
  expectSuccess(await go.run('get', TOOL))
  const files = `${await go.read('go.mod')}${await go.read('go.sum')}`
  expect(files).toContain(`${TOOL} v1.1.0 h1:`)
  expect(files).not.toContain(token.token)
  expect(files).not.toContain('127.0.0.1')
})

test('go sees only the versions that a token may fetch, and takes the best of them', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: [`${TOOL}@<1.1`, LIB] })
  await using go = await goWithTokenUrl(token)
  const { stdout } = await go.run('list', '-m', '-versions', TOOL)
  expect(stdout.trim()).toBe(`${TOOL} v1.0.0`)
  expectSuccess(await go.run('get', TOOL))
  expect(await go.read('go.mod')).toContain(`${TOOL} v1.0.0`)
  const { code, output } = await go.run('get', `${TOOL}@v1.1.0`)
  expect(code).not.toBe(0)
  expect(output).toMatch(OUT_OF_SCOPE)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test.each(CLOSED_TOKENS)('go prints why $title is refused', async ({ fields, reason }) => {
  await using go = await goWithTokenUrl(await gate.createToken(REPOSITORY, fields))
  const { code, output } = await go.run('get', TOOL)
  expect(code).not.toBe(0)
  expect(serverResponse(output)).toMatch(reason)
})

test('go prints that the downloads of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using go = await goWithTokenUrl(token)
  expectSuccess(await go.run('get', TOOL))
  const { code, output } = await go.run('get', LIB)
  expect(code).not.toBe(0)
  expect(serverResponse(output)).toMatch(USED_UP)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('go does not look elsewhere for what a token does not cover', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_packages: [LIB] })
  await using go = await createGo({ proxy: `${gate.url}/${token.token}/${REPOSITORY},${storage.url}/go` })
  const { code, output } = await go.run('get', TOOL)
  expect(code).not.toBe(0)
  expect(serverResponse(output)).toMatch(OUT_OF_SCOPE)
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using go = await goWithLogin(token)
  expectSuccess(await go.run('get', TOOL))
  expect(storage.heard()).toContain('/@v/v1.1.0.zip')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

/** What go repeats of the answer. */
function serverResponse(output: string): string {
  return /server response:\s*(.*)/s.exec(output)?.[1] ?? `no server response in: ${output}`
}

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCargo, type Cargo } from '../support/cargo.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get } from '../support/requests.ts'
import {
  CLOSED_TOKENS,
  downloadsOf,
  expectSuccess,
  FAR_LIMIT,
  OUT_OF_SCOPE,
  USED_UP,
} from './entitlements.ts'

const REPOSITORY = 'acme/crates'
const TOOL = { acme_tool: '1' }
const LIB = { 'acme-lib': '0.1' }

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('cargo')
  const repositories = { [REPOSITORY]: { format: 'cargo', upstream: `${storage.url}/cargo/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

type Needs = Readonly<Record<string, string>>

/** The secret stands in the URL of the index. */
function cargoWithTokenUrl({ token }: GateToken, needs: Needs): Promise<Cargo> {
  return createCargo({ index: `${gate.url}/${token}/${REPOSITORY}/index/`, needs })
}

/** The secret is what cargo sends, without a scheme. */
function cargoWithToken({ token }: GateToken, needs: Needs): Promise<Cargo> {
  return createCargo({ index: `${gate.url}/basic/${REPOSITORY}/index/`, token, needs })
}

function cargoWithBearer({ token }: GateToken, needs: Needs): Promise<Cargo> {
  return createCargo({ index: `${gate.url}/basic/${REPOSITORY}/index/`, token: `Bearer ${token}`, needs })
}

test.each([
  { title: 'in the URL', start: cargoWithTokenUrl },
  { title: 'as its token', start: cargoWithToken },
  { title: 'as a bearer token', start: cargoWithBearer },
])('cargo fetches crates with the token $title, and each costs one download', async ({ start }) => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using cargo = await start(token, TOOL)
  expectSuccess(await cargo.run('fetch'))
  expect(await cargo.downloaded()).toEqual(['acme-lib-0.1.0', 'acme_tool-1.1.0'])
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('a crate that was fetched can be used', async () => {
  await using cargo = await cargoWithToken(await gate.createToken(REPOSITORY), TOOL)
  expectSuccess(await cargo.run('fetch'))
  const { stdout } = await cargo.run('metadata', '--offline', '--format-version', '1')
  const { packages } = JSON.parse(stdout) as { packages: { name: string }[] }
  expect(packages.map(({ name }) => name).toSorted()).toEqual(['acme-lib', 'acme_tool', 'project'])
})

test('Cargo.lock names the index, with the secret only where that is in its URL', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using withUrl = await cargoWithTokenUrl(token, LIB)
  await using withToken = await cargoWithToken(token, LIB)
  expectSuccess(await withUrl.run('fetch'))
  expectSuccess(await withToken.run('fetch'))
  const lock = await withToken.read('Cargo.lock')
  expect(lock).toContain(`source = "sparse+${gate.url}/basic/${REPOSITORY}/index/"`)
  expect(lock).not.toContain(token.token)
  expect(await withUrl.read('Cargo.lock')).toContain(
    `source = "sparse+${gate.url}/${token.token}/${REPOSITORY}/index/"`,
  )
})

test('cargo sees only the versions that a token may fetch, and takes the best of them', async () => {
  const rules = ['cargo:acme-tool@<1.1', 'cargo:acme_lib']
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: rules })
  await using cargo = await cargoWithToken(token, TOOL)
  expectSuccess(await cargo.run('fetch'))
  expect(await cargo.downloaded()).toEqual(['acme-lib-0.1.0', 'acme_tool-1.0.0'])
  await using other = await cargoWithToken(token, { acme_tool: '=1.1.0' })
  const { code, output } = await other.run('fetch')
  expect(code).not.toBe(0)
  expect(output).toContain('acme_tool = "=1.1.0"')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('cargo prints that a token does not cover a crate', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_packages: ['acme-lib'] })
  await using cargo = await cargoWithToken(token, TOOL)
  const { code, output } = await cargo.run('fetch')
  expect(code).not.toBe(0)
  expect(bodyIn(output)).toMatch(OUT_OF_SCOPE)
})

test.each(CLOSED_TOKENS)('cargo prints why $title is refused', async ({ fields, reason }) => {
  const token = await gate.createToken(REPOSITORY, fields)
  for (const start of [cargoWithTokenUrl, cargoWithToken]) {
    await using cargo = await start(token, LIB)
    const { code, output } = await cargo.run('fetch')
    expect(code).not.toBe(0)
    expect(bodyIn(output)).toMatch(reason)
  }
})

test('cargo prints that the downloads of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using cargo = await cargoWithToken(token, TOOL)
  const { code, output } = await cargo.run('fetch')
  expect(code).not.toBe(0)
  expect(bodyIn(output)).toMatch(USED_UP)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('cargo finds out that a crate is not there, under whatever spelling it asks', async () => {
  await using cargo = await cargoWithToken(await gate.createToken(REPOSITORY), { 'acme-no_such': '1' })
  const { code, output } = await cargo.run('fetch')
  expect(code).not.toBe(0)
  expect(output).toMatch(/no matching package named `acme-no_such` found/)
})

test('cargo without a token is asked for one', async () => {
  await using cargo = await createCargo({ index: `${gate.url}/basic/${REPOSITORY}/index/`, needs: LIB })
  const { code, output } = await cargo.run('fetch')
  expect(code).not.toBe(0)
  expect(output).toMatch(/no token found|cargo login/)
})

test('only the configuration is asked for without credentials, and says that all else needs them', async () => {
  const token = await gate.createToken(REPOSITORY)
  const index = `${gate.url}/basic/${REPOSITORY}/index/`
  const refused = await get(`${index}config.json`)
  expect([refused.status, refused.headers['www-authenticate']]).toEqual([
    401,
    expect.stringMatching(/^Basic /),
  ])
  const read = async (url: string, headers = {}): Promise<unknown> =>
    JSON.parse((await get(`${url}config.json`, { headers })).body.toString())
  const template = 'crates/{crate}/{crate}-{version}.crate'
  expect(await read(index, { authorization: token.token })).toEqual({
    dl: `${gate.url}/basic/${REPOSITORY}/${template}`,
    api: `${gate.url}/basic/${REPOSITORY}`,
    'auth-required': true,
  })
  expect(await read(`${gate.url}/${token.token}/${REPOSITORY}/index/`)).toEqual({
    dl: `${gate.url}/${token.token}/${REPOSITORY}/${template}`,
    api: `${gate.url}/${token.token}/${REPOSITORY}`,
  })
})

test('cargo update is told that the index is as it was', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_packages: ['acme_tool@1.0.0'] })
  const url = `${gate.url}/${token.token}/${REPOSITORY}/index/ac/me/acme_tool`
  const { headers, body } = await get(url)
  expect(body.toString().trim().split('\n')).toHaveLength(1)
  expect((await get(url, { headers: { 'if-none-match': String(headers['etag']) } })).status).toBe(304)
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using cargo = await cargoWithToken(token, LIB)
  expectSuccess(await cargo.run('fetch'))
  expect(storage.heard()).toContain('acme-lib-0.1.0.crate')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

/** What cargo repeats of the answer. */
function bodyIn(output: string): string {
  return /^body:\s*(.*)/ms.exec(output)?.[1] ?? `no body in: ${output}`
}

import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { createLuaRocks, type LuaRocks } from '../support/luarocks.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { CLOSED_TOKENS, downloadsOf, expectSuccess, FAR_LIMIT } from './entitlements.ts'

const REPOSITORY = 'acme/lua'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('luarocks')
  const repositories = { [REPOSITORY]: { format: 'luarocks', upstream: `${storage.url}/luarocks/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

function withTokenUrl({ token }: GateToken): Promise<LuaRocks> {
  return createLuaRocks({ server: `${gate.url}/${token}/${REPOSITORY}` })
}

function withLogin({ token }: GateToken): Promise<LuaRocks> {
  return createLuaRocks({ server: `${gate.url.replace('://', `://token:${token}@`)}/basic/${REPOSITORY}` })
}

function withNetrc({ token }: GateToken): Promise<LuaRocks> {
  const netrc = `machine 127.0.0.1 login token password ${token}\n`
  return createLuaRocks({ server: `${gate.url}/basic/${REPOSITORY}`, netrc })
}

test.each([
  { title: 'with the secret in the path', start: withTokenUrl },
  { title: 'with user and password in the URL', start: withLogin },
  { title: 'with user and password in .netrc', start: withNetrc },
])('luarocks installs $title, for one download', async ({ start }) => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using luarocks = await start(token)
  expectSuccess(await luarocks.install('acme-tool'))
  expect(await luarocks.installedVersions('acme-tool')).toEqual(['2.0-1'])
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test.each(CLOSED_TOKENS)(
  'luarocks prints that it could not read the manifest when $title is refused',
  async ({ fields }) => {
    await using luarocks = await withTokenUrl(await gate.createToken(REPOSITORY, fields))
    const { code, output } = await luarocks.install('acme-tool')
    expect(code).not.toBe(0)
    expect(output).toMatch(/Failed searching manifest: Failed downloading .*manifest-5\.1/)
  },
)

test('luarocks reads the manifest with a token for some versions, installs one when it is named, and fails at another', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['acme-tool@<2'] })
  await using luarocks = await withLogin(token)
  const { code, output } = await luarocks.install('acme-tool')
  expect(code).not.toBe(0)
  expect(output).toMatch(/failed downloading .*acme-tool-2\.0-1\.src\.rock/i)
  expectSuccess(await luarocks.install('acme-tool', '1.0'))
  expect(await luarocks.installedVersions('acme-tool')).toEqual(['1.0-1'])
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('luarocks prints that a download failed when those of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using luarocks = await withTokenUrl(token)
  expectSuccess(await luarocks.install('plain-demo'))
  const { code, output } = await luarocks.install('acme-tool')
  expect(code).not.toBe(0)
  expect(output).toMatch(/failed downloading .*acme-tool-2\.0-1\.src\.rock/i)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using luarocks = await withLogin(token)
  expectSuccess(await luarocks.install('plain-demo'))
  expect(storage.heard()).toContain('plain-demo-1.0-1.src.rock')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

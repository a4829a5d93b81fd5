import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDnf, type Dnf } from '../support/dnf.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { CLOSED_TOKENS, downloadsOf, expectSuccess, FAR_LIMIT } from './entitlements.ts'

const REPOSITORY = 'acme/rpms'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('rpm')
  const repositories = { [REPOSITORY]: { format: 'rpm', upstream: `${storage.url}/rpm/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

function dnfWithTokenUrl({ token }: GateToken): Promise<Dnf> {
  return createDnf({ baseUrl: `${gate.url}/${token}/${REPOSITORY}/` })
}

function dnfWithLogin({ token }: GateToken): Promise<Dnf> {
  const login = { username: 'token', password: token }
  return createDnf({ baseUrl: `${gate.url}/basic/${REPOSITORY}/`, login })
}

test('dnf installs from signed metadata through a token in the URL', async () => {
  await using dnf = await dnfWithTokenUrl(await gate.createToken(REPOSITORY))
  expectSuccess(await dnf.install('hello-postern'))
  expect(await dnf.installedVersion('hello-postern')).toBe('2.0-1')
})

test('dnf installs from signed metadata with the token as a password', async () => {
  await using dnf = await dnfWithLogin(await gate.createToken(REPOSITORY))
  expectSuccess(await dnf.install('hello-postern-1.0'))
  expect(await dnf.installedVersion('hello-postern')).toBe('1.0-1')
})

test('each package costs one download; metadata, signature and key cost none', async () => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using dnf = await dnfWithTokenUrl(token)
  expectSuccess(await dnf.install('hello-postern'))
  expect(await dnf.installedVersion('hello-postern-libs')).toBe('2.0-1')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test.each(CLOSED_TOKENS)('dnf prints the status when $title is refused', async ({ fields }) => {
  await using dnf = await dnfWithTokenUrl(await gate.createToken(REPOSITORY, fields))
  const { code, output } = await dnf.install('hello-postern')
  expect(code).not.toBe(0)
  expect(output).toMatch(/Status code: 403 for .*repomd\.xml/)
})

test('dnf prints the status of an unknown password', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using dnf = await dnfWithLogin({ ...token, token: 'never-issued-0815' })
  const { code, output } = await dnf.install('hello-postern')
  expect(code).not.toBe(0)
  expect(output).toMatch(/Status code: 401 for .*repomd\.xml/)
})

test('dnf reads the metadata with a token for some packages and prints the status of another', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['plain-demo'] })
  await using dnf = await dnfWithTokenUrl(token)
  const { code, output } = await dnf.install('hello-postern-libs')
  expect(code).not.toBe(0)
  expect(output).toMatch(/Status code: 403 for .*hello-postern-libs-2\.0-1\.noarch\.rpm/)
  expectSuccess(await dnf.install('plain-demo'))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('dnf prints the status when the downloads of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using dnf = await dnfWithTokenUrl(token)
  expectSuccess(await dnf.install('plain-demo'))
  const { code, output } = await dnf.install('hello-postern-libs')
  expect(code).not.toBe(0)
  expect(output).toMatch(/Status code: 403 for .*hello-postern-libs-2\.0-1\.noarch\.rpm/)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using withUrl = await dnfWithTokenUrl(token)
  await using withLogin = await dnfWithLogin(token)
  expectSuccess(await withUrl.install('plain-demo'))
  expectSuccess(await withLogin.install('plain-demo'))
  expect(storage.heard()).toContain('plain-demo-2.0-1.noarch.rpm')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

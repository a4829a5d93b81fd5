import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { createZypper, type Zypper } from '../support/zypper.ts'
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

function zypperWithTokenUrl({ token }: GateToken): Promise<Zypper> {
  return createZypper({ baseUrl: `${gate.url}/${token}/${REPOSITORY}/` })
}

function zypperWithLogin({ token }: GateToken): Promise<Zypper> {
  const login = { username: 'token', password: token }
  return createZypper({ baseUrl: `${gate.url}/basic/${REPOSITORY}/`, login })
}

function zypperWithLoginInUrl({ token }: GateToken): Promise<Zypper> {
  const { host } = new URL(gate.url)
  return createZypper({ baseUrl: `http://token:${token}@${host}/basic/${REPOSITORY}/` })
}

test.each([
  { title: 'through a token in the URL', start: zypperWithTokenUrl },
  { title: 'with the token in a file of credentials', start: zypperWithLogin },
  { title: 'with the token as the password in the URL', start: zypperWithLoginInUrl },
])('zypper installs from signed metadata $title, each package for one download', async ({ start }) => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using zypper = await start(token)
  expectSuccess(await zypper.install('hello-postern'))
  expect(await zypper.installedVersion('hello-postern')).toBe('2.0-1')
  expect(await zypper.installedVersion('hello-postern-libs')).toBe('2.0-1')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test.each(CLOSED_TOKENS)('zypper prints that $title is denied', async ({ fields }) => {
  await using zypper = await zypperWithTokenUrl(await gate.createToken(REPOSITORY, fields))
  const { code, output } = await zypper.install('hello-postern')
  expect(code).not.toBe(0)
  expect(output).toMatch(/Permission to access '.*repomd\.xml' denied/)
})

test('zypper prints that an unknown password is no login', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using zypper = await zypperWithLogin({ ...token, token: 'never-issued-0815' })
  const { code, output } = await zypper.install('hello-postern')
  expect(code).not.toBe(0)
  expect(output).toMatch(/Login failed\. .*repomd\.xml.*The requested URL returned error: 401/)
})

test('zypper reads the metadata with a token for some packages and prints that another is denied', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['plain-demo'] })
  await using zypper = await zypperWithLogin(token)
  const { code, output } = await zypper.install('hello-postern-libs')
  expect(code).not.toBe(0)
  expect(output).toMatch(/Permission to access '.*hello-postern-libs-2\.0-1\.noarch\.rpm.*' denied/)
  expectSuccess(await zypper.install('plain-demo'))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('zypper prints that a package is denied when the downloads of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using zypper = await zypperWithTokenUrl(token)
  expectSuccess(await zypper.install('plain-demo'))
  const { code, output } = await zypper.install('hello-postern-libs')
  expect(code).not.toBe(0)
  expect(output).toMatch(/Permission to access '.*hello-postern-libs-2\.0-1\.noarch\.rpm' denied/)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using withUrl = await zypperWithTokenUrl(token)
  await using withLogin = await zypperWithLogin(token)
  expectSuccess(await withUrl.install('plain-demo'))
  expectSuccess(await withLogin.install('plain-demo'))
  expect(storage.heard()).toContain('plain-demo-2.0-1.noarch.rpm')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/credentials=/)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

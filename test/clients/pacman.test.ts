import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { createPacman, type Pacman } from '../support/pacman.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { CLOSED_TOKENS, downloadsOf, expectSuccess, FAR_LIMIT } from './entitlements.ts'

const REPOSITORY = 'acme/arch'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('arch')
  const repositories = { [REPOSITORY]: { format: 'arch', upstream: `${storage.url}/arch/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

function pacmanWithTokenUrl({ token }: GateToken): Promise<Pacman> {
  return createPacman(`${gate.url}/${token}/${REPOSITORY}`)
}

function pacmanWithLogin({ token }: GateToken): Promise<Pacman> {
  return createPacman(`${gate.url.replace('://', `://token:${token}@`)}/basic/${REPOSITORY}`)
}

test.each([
  { title: 'with the secret in the path', start: pacmanWithTokenUrl },
  { title: 'with user and password', start: pacmanWithLogin },
])('pacman installs $title, each package for one download', async ({ start }) => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using pacman = await start(token)
  expectSuccess(await pacman.install('hello-postern'))
  expect(await pacman.installedVersion('hello-postern')).toBe('1:2.0-1')
  expect(await pacman.installedVersion('hello-libs')).toBe('2.0-1')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test.each(CLOSED_TOKENS)('pacman prints the number when $title is refused', async ({ fields }) => {
  await using pacman = await pacmanWithTokenUrl(await gate.createToken(REPOSITORY, fields))
  const { code, output } = await pacman.install('hello-postern')
  expect(code).not.toBe(0)
  expect(output).toMatch(/failed retrieving file 'acme\.db' from .* The requested URL returned error: 403/)
})

test('pacman prints the number of an unknown password', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using pacman = await pacmanWithLogin({ ...token, token: 'never-issued-0815' })
  const { code, output } = await pacman.install('hello-postern')
  expect(code).not.toBe(0)
  expect(output).toMatch(/failed retrieving file 'acme\.db' from .* The requested URL returned error: 401/)
})

test('pacman reads the database with a token for some packages and versions, and prints the number of another', async () => {
  const limit_packages = ['plain-demo@<2', 'hello-postern@<2']
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages })
  await using pacman = await pacmanWithLogin(token)
  const { code, output } = await pacman.install('hello-postern')
  expect(code).not.toBe(0)
  expect(output).toMatch(
    /failed retrieving file 'hello-postern-1(?::|%3A)2\.0-1-any\.pkg\.tar\.gz' .* error: 403/i,
  )
  expectSuccess(await pacman.install('plain-demo'))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('pacman prints the number when the downloads of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using pacman = await pacmanWithTokenUrl(token)
  expectSuccess(await pacman.install('plain-demo'))
  const { code, output } = await pacman.install('hello-libs')
  expect(code).not.toBe(0)
  expect(output).toMatch(/failed retrieving file 'hello-libs-2\.0-1-any\.pkg\.tar\.gz' .* error: 403/)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using withUrl = await pacmanWithTokenUrl(token)
  await using withLogin = await pacmanWithLogin(token)
  expectSuccess(await withUrl.install('plain-demo'))
  expectSuccess(await withLogin.install('plain-demo'))
  expect(storage.heard()).toContain('plain-demo-1.0-1-any.pkg.tar.gz')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

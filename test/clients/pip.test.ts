import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { createPip, type Pip } from '../support/pip.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { CLOSED_TOKENS, downloadsOf, expectSuccess, FAR_LIMIT, USED_UP } from './entitlements.ts'

const REPOSITORY = 'acme/py'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('python')
  const repositories = { [REPOSITORY]: { format: 'python', upstream: `${storage.url}/python/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** The secret stands in the URL of the index. */
function pipWithTokenUrl({ token }: GateToken): Promise<Pip> {
  return createPip({ indexUrl: `${gate.url}/${token}/${REPOSITORY}/simple/` })
}

/** The secret is a password in the URL of the index, which pip sends as credentials. */
function pipWithLogin({ token }: GateToken): Promise<Pip> {
  const url = gate.url.replace('//', `//token:${token}@`)
  return createPip({ indexUrl: `${url}/basic/${REPOSITORY}/simple/` })
}

function pipWithNetrc({ token }: GateToken): Promise<Pip> {
  const netrc = `machine 127.0.0.1 login token password ${token}\n`
  return createPip({ indexUrl: `${gate.url}/basic/${REPOSITORY}/simple/`, netrc })
}

test.each([
  { title: 'in the URL', start: pipWithTokenUrl },
  { title: 'as a password', start: pipWithLogin },
  { title: 'in .netrc', start: pipWithNetrc },
])('pip installs with the token $title, and each wheel costs one download', async ({ start }) => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using pip = await start(token)
  expectSuccess(await pip.install('acme-tool'))
  expect(await pip.installedVersion('acme_tool')).toBe('2.0')
  expect(await pip.installedVersion('acme_lib')).toBe('1.0')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('the metadata of a wheel is free, and each delivery of the wheel is charged', async () => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using pip = await pipWithTokenUrl(token)
  await gate.admin('POST', '/cache/purge/')
  const before = storage.heard().length
  expectSuccess(await pip.install('promised'))
  const heard = storage.heard().slice(before)
  expect(heard).toContain('GET /python/packages/promised-1.0-py3-none-any.whl.metadata ')
  // pip 23.0 has a mistake: it fetches a wheel twice whose metadata it was promised.
  const charged = await downloadsOf(gate, REPOSITORY, token)
  const lines = (): number =>
    gate.output().split('"path":"packages/promised-1.0-py3-none-any.whl"').length - 1
  await expect.poll(lines).toBe(charged)
})

test('pip takes a stray .netrc along to a token in the URL, and installs all the same', async () => {
  const { token } = await gate.createToken(REPOSITORY)
  const netrc = 'machine 127.0.0.1 login somebody password something\n'
  await using pip = await createPip({ indexUrl: `${gate.url}/${token}/${REPOSITORY}/simple/`, netrc })
  expectSuccess(await pip.install('plain-demo'))
  expect(await pip.installedVersion('plain_demo')).toBe('1.0')
})

test('pip sees only what a token for some versions may fetch, and installs the best of it', async () => {
  const token = await gate.createToken(REPOSITORY, {
    ...FAR_LIMIT,
    limit_packages: ['acme_*@<2', 'acme-lib'],
  })
  await using pip = await pipWithLogin(token)
  expectSuccess(await pip.install('acme-tool'))
  expect(await pip.installedVersion('acme_tool')).toBe('1.1')
  const { code, output } = await pip.install('acme-tool==2.0')
  expect(code).not.toBe(0)
  expect(output).toContain('(from versions: 1.0, 1.1)')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('pip finds nothing of a package that a token does not cover', async () => {
  await using pip = await pipWithTokenUrl(
    await gate.createToken(REPOSITORY, { limit_packages: ['plain-demo'] }),
  )
  const { code, output } = await pip.install('-vv', 'acme-tool')
  expect(code).not.toBe(0)
  expect(output).toContain('No matching distribution found for acme-tool')
  expect(output).toContain('Package not covered by token')
})

test.each(CLOSED_TOKENS)('pip, asked for more, prints why $title is refused', async ({ fields, reason }) => {
  await using pip = await pipWithLogin(await gate.createToken(REPOSITORY, fields))
  const { code, output } = await pip.install('-vv', 'acme-tool')
  expect(code).not.toBe(0)
  expect(output).toMatch(reason)
})

test('pip prints that the downloads of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using pip = await pipWithTokenUrl(token)
  expectSuccess(await pip.install('plain-demo'))
  const { code, output } = await pip.install('acme-lib')
  expect(code).not.toBe(0)
  expect(output).toMatch(/ERROR: .*403 Client Error/)
  expect(output).toMatch(USED_UP)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('pip does not ask for a password when the token in the URL is unknown', async () => {
  await using pip = await createPip({ indexUrl: `${gate.url}/unknown-token-1/${REPOSITORY}/simple/` })
  const { code, output } = await pip.install('-vv', 'plain-demo')
  expect(code).not.toBe(0)
  expect(output).toContain('Unknown token')
  expect(output).not.toMatch(/password|EOFError/i)
})

test('no secret and no credential of the client reaches the storage, and nothing leads there', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using pip = await pipWithLogin(token)
  const { output } = await pip.install('acme-tool', '--report', '-', '--dry-run')
  expect(output).toContain(`${gate.url}/basic/${REPOSITORY}/packages/acme_tool-2.0-py3-none-any.whl`)
  expect(output).not.toContain(storage.url)
  expect(storage.heard()).toContain('acme_tool-2.0-py3-none-any.whl')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

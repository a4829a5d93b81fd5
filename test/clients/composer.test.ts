import { afterAll, beforeAll, expect, test } from 'vitest'
import { createComposer, type Composer } from '../support/composer.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import {
  CLOSED_TOKENS,
  downloadsOf,
  expectSuccess,
  FAR_LIMIT,
  OUT_OF_SCOPE,
  USED_UP,
} from './entitlements.ts'

const REPOSITORY = 'acme/php'
const TOOL = { 'acme/tool': '*' }

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('composer')
  const repositories = {
    [REPOSITORY]: { format: 'composer', upstream: `${storage.url}/composer/` },
  } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

type Requires = Readonly<Record<string, string>>

/** The secret stands in the URL of the repository. */
function withTokenUrl({ token }: GateToken, requires: Requires): Promise<Composer> {
  return createComposer({ url: `${gate.url}/${token}/${REPOSITORY}`, requires })
}

function withLogin({ token }: GateToken, requires: Requires): Promise<Composer> {
  const login = { username: 'token', password: token }
  const auth = { 'http-basic': { [new URL(gate.url).host]: login } }
  return createComposer({ url: `${gate.url}/basic/${REPOSITORY}`, requires, auth })
}

function withBearer({ token }: GateToken, requires: Requires): Promise<Composer> {
  const auth = { bearer: { [new URL(gate.url).host]: token } }
  return createComposer({ url: `${gate.url}/basic/${REPOSITORY}`, requires, auth })
}

test.each([
  { title: 'in the URL', start: withTokenUrl, isKept: true },
  { title: 'as a password', start: withLogin, isKept: false },
  { title: 'as a bearer token', start: withBearer, isKept: false },
])('composer installs with the token $title, each package for one download', async ({ start, isKept }) => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using composer = await start(token, TOOL)
  expectSuccess(await composer.run('update'))
  expect(await composer.installedVersion('acme/tool')).toBe('2.0.0')
  expect(await composer.installedVersion('acme/lib')).toBe('0.1.0')
  const lock = await composer.read('composer.lock')
  expect(lock).toContain('-/acme/tool/2.0.0/')
  expect(lock?.includes(token.token)).toBe(isKept)
  expect(lock).not.toContain(storage.url)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('composer installs from a lock file, of which the archives are all that it asks for', async () => {
  await using first = await withLogin(await gate.createToken(REPOSITORY), TOOL)
  expectSuccess(await first.run('update', '--no-install'))
  const token = await gate.createToken(REPOSITORY, {
    ...FAR_LIMIT,
    limit_packages: ['acme/tool@>=2', 'acme/lib'],
  })
  await using second = await withLogin(token, TOOL)
  await second.write('composer.lock', (await first.read('composer.lock')) ?? '')
  expectSuccess(await second.run('install'))
  expect(await second.installedVersion('acme/tool')).toBe('2.0.0')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('composer installs a branch whose name has a slash', async () => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using composer = await withTokenUrl(token, { 'acme/tool': 'dev-feature/x', 'acme/lib': '*' })
  expectSuccess(await composer.run('update'))
  expect(await composer.installedVersion('acme/tool')).toBe('dev-feature/x')
})

test('composer sees only the versions that a token may fetch, and takes the best of them', async () => {
  const token = await gate.createToken(REPOSITORY, {
    ...FAR_LIMIT,
    limit_packages: ['composer:Acme/Tool@<2', 'acme/lib'],
  })
  await using composer = await withBearer(token, TOOL)
  expectSuccess(await composer.run('update'))
  expect(await composer.installedVersion('acme/tool')).toBe('1.1.0')
  const { stdout } = await composer.run('show', '--all', 'acme/tool')
  expect(/^versions : (.*)$/m.exec(stdout)?.[1]).toBe('* 1.1.0, 1.0.0')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('composer finds nothing of a package that a token does not cover', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_packages: ['plain/demo'] })
  await using composer = await withLogin(token, TOOL)
  const { code, output } = await composer.run('update')
  expect(code).not.toBe(0)
  expect(output).toMatch(/requires acme\/tool, it could not be found in any version/)
})

test('composer prints that an archive of a lock file is out of scope', async () => {
  await using first = await withLogin(await gate.createToken(REPOSITORY), TOOL)
  expectSuccess(await first.run('update', '--no-install'))
  const token = await gate.createToken(REPOSITORY, { limit_packages: ['acme/tool@<2', 'acme/lib'] })
  await using second = await withLogin(token, TOOL)
  await second.write('composer.lock', (await first.read('composer.lock')) ?? '')
  const { code, output } = await second.run('install')
  expect(code).not.toBe(0)
  expect(output).toMatch(OUT_OF_SCOPE)
})

test.each(CLOSED_TOKENS)('composer prints why $title is refused', async ({ fields, reason }) => {
  await using composer = await withTokenUrl(await gate.createToken(REPOSITORY, fields), TOOL)
  const { code, output } = await composer.run('update')
  expect(code).not.toBe(0)
  expect(warningIn(output)).toMatch(reason)
})

test('composer prints that the downloads of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using composer = await withBearer(token, TOOL)
  const { code, output } = await composer.run('update')
  expect(code).not.toBe(0)
  expect(warningIn(output)).toMatch(USED_UP)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('composer prints that a token in the URL is unknown, and asks for no password', async () => {
  await using composer = await createComposer({
    url: `${gate.url}/unknown-token-1/${REPOSITORY}`,
    requires: TOOL,
  })
  const { code, output } = await composer.run('update')
  expect(code).not.toBe(0)
  expect(warningIn(output)).toContain('Unknown token')
  expect(output).not.toMatch(/must be using the interactive console|username:/i)
})

test('no secret and no credential of the client reaches the storage, and nothing is sent there', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using composer = await withLogin(token, { 'plain/demo': '*' })
  expectSuccess(await composer.run('update'))
  expect(storage.heard()).toMatch(/GET \/composer\/dist\/plain\/demo\/plain-demo-[0-9a-f]{40}-zip/)
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:|^POST/im)
})

/** What composer repeats of the answer. */
function warningIn(output: string): string {
  return /Warning from 127\.0\.0\.1:?[0-9]*: (.*)/.exec(output)?.[1] ?? `no warning in: ${output}`
}

import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { createNpm, type Npm } from '../support/npm.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import {
  CLOSED_TOKENS,
  downloadsOf,
  expectSuccess,
  FAR_LIMIT,
  OUT_OF_SCOPE,
  USED_UP,
} from './entitlements.ts'

const REPOSITORY = 'acme/npm'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('npm')
  const repositories = { [REPOSITORY]: { format: 'npm', upstream: `${storage.url}/npm/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** The secret stands in the URL of the registry. */
function npmWithTokenUrl({ token }: GateToken, files: Record<string, string> = {}): Promise<Npm> {
  return createNpm({ registry: `${gate.url}/${token}/${REPOSITORY}/`, files })
}

/** The secret is sent as a bearer token. */
function npmWithAuthToken({ token }: GateToken, files: Record<string, string> = {}): Promise<Npm> {
  return createNpm({ registry: `${gate.url}/basic/${REPOSITORY}/`, authToken: token, files })
}

test('npm installs packages with and without a scope through a token in the URL', async () => {
  await using npm = await npmWithTokenUrl(await gate.createToken(REPOSITORY))
  expectSuccess(await npm.run('install', '@acme/widget', 'plain-demo'))
  expect(await npm.installedVersion('@acme/widget')).toBe('1.1.0')
  expect(await npm.installedVersion('plain-demo')).toBe('1.0.0')
})

test('npm installs with the token as _authToken', async () => {
  await using npm = await npmWithAuthToken(await gate.createToken(REPOSITORY))
  expectSuccess(await npm.run('install', '@acme/widget@1.0.0'))
  expect(await npm.installedVersion('@acme/widget')).toBe('1.0.0')
})

test('each tarball comes through the gate and costs one download; documents cost none', async () => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using npm = await npmWithAuthToken(token)
  expectSuccess(await npm.run('view', '@acme/widget', 'versions'))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
  expectSuccess(await npm.run('install', '@acme/widget', 'plain-demo'))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('the lock file names the gate without the secret when the token is an _authToken', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using npm = await npmWithAuthToken(token)
  await npm.run('install', '@acme/widget')
  const lock = await npm.read('package-lock.json')
  expect(lock).toContain(`"resolved": "${gate.url}/basic/${REPOSITORY}/@acme/widget/-/widget-1.1.0.tgz"`)
  expect(lock).not.toContain(token.token)
})

test.each([
  { title: 'in the URL', start: npmWithTokenUrl },
  { title: 'as _authToken', start: npmWithAuthToken },
])('npm ci installs from a lock file without asking for documents, token $title', async ({ start }) => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using first = await start(token)
  await first.run('install', '@acme/widget')
  await using second = await start(token, await lockedFiles(first))
  await gate.admin('POST', '/cache/purge/')
  const before = storage.heard().length
  expectSuccess(await second.run('ci'))
  expect(await second.installedVersion('@acme/widget')).toBe('1.1.0')
  expect(requestLines(storage.heard().slice(before))).toEqual(['GET /npm/@acme/widget/-/widget-1.1.0.tgz'])
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('npm ci works with a lock file that still names an older token', async () => {
  const [old, renewed] = [await gate.createToken(REPOSITORY), await gate.createToken(REPOSITORY)]
  await using first = await npmWithTokenUrl(old)
  await first.run('install', '@acme/widget')
  await gate.admin('POST', `/entitlements/${REPOSITORY}/${old.slug_perm}/disable/`)
  await using second = await npmWithTokenUrl(renewed, await lockedFiles(first))
  expectSuccess(await second.run('ci', '--replace-registry-host=always'))
  expect(await second.installedVersion('@acme/widget')).toBe('1.1.0')
})

test.each(CLOSED_TOKENS)('npm prints why $title is refused', async ({ fields, reason }) => {
  await using npm = await npmWithAuthToken(await gate.createToken(REPOSITORY, fields))
  const { code, output } = await npm.run('install', '@acme/widget')
  expect(code).not.toBe(0)
  expect(errorOf(output)).toMatch(reason)
})

test('npm prints why a closed token in the URL is refused', async () => {
  await using npm = await npmWithTokenUrl(await gate.createToken(REPOSITORY, { is_active: false }))
  const { code, output } = await npm.run('install', '@acme/widget')
  expect(code).not.toBe(0)
  expect(errorOf(output)).toMatch(/disabled/i)
})

test('npm prints why a token for some packages may not have another', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['plain-demo'] })
  await using npm = await npmWithAuthToken(token)
  const { code, output } = await npm.run('install', '@acme/widget')
  expect(code).not.toBe(0)
  expect(errorOf(output)).toMatch(OUT_OF_SCOPE)
  expectSuccess(await npm.run('install', 'plain-demo'))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('npm sees only what a token for some versions may fetch, and installs the best of it', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['@acme/widget@<1.1'] })
  await using npm = await npmWithAuthToken(token)
  expectSuccess(await npm.run('install', '@acme/widget'))
  expect(await npm.installedVersion('@acme/widget')).toBe('1.0.0')
  const { stdout } = await npm.run('view', '@acme/widget', 'versions', 'dist-tags', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ 'dist-tags': { latest: '1.0.0' } })
  expect(stdout).not.toContain('1.1.0')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('what one customer may see of a document is not what another is given', async () => {
  const [some, all] = [
    await gate.createToken(REPOSITORY, { limit_packages: ['@acme/widget@<1.1'] }),
    await gate.createToken(REPOSITORY),
  ]
  const versionsFor = async ({ token }: GateToken): Promise<string[]> => {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`${gate.url}/basic/${REPOSITORY}/@acme%2fwidget`, { headers })
    expect(response.headers.get('cache-control')).toBe('private, no-cache')
    return Object.keys(((await response.json()) as { versions: object }).versions)
  }
  for (const [token, versions] of [
    [some, ['1.0.0']],
    [all, ['1.0.0', '1.1.0']],
    [some, ['1.0.0']],
  ] as const)
    expect(await versionsFor(token)).toEqual(versions)
})

test('npm prints that the downloads of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using npm = await npmWithAuthToken(token)
  expectSuccess(await npm.run('install', 'plain-demo'))
  const { code, output } = await npm.run('install', '@acme/widget')
  expect(code).not.toBe(0)
  expect(errorOf(output)).toMatch(USED_UP)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using withUrl = await npmWithTokenUrl(token)
  await using withAuthToken = await npmWithAuthToken(token)
  expectSuccess(await withUrl.run('install', 'plain-demo'))
  expectSuccess(await withAuthToken.run('install', 'plain-demo'))
  expect(storage.heard()).toContain('plain-demo-1.0.0.tgz')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

/** What a colleague checks out. */
async function lockedFiles(npm: Npm): Promise<Record<string, string>> {
  const names = ['package.json', 'package-lock.json']
  const contents = await Promise.all(names.map((name) => npm.read(name)))
  return Object.fromEntries(names.map((name, i) => [name, contents[i] ?? '']))
}

function requestLines(heard: string): string[] {
  return [...heard.matchAll(/^(GET \S+) HTTP\/1\.1\r$/gm)].map(([, line]) => line ?? '')
}

/** The lines in which npm says what the server answered. */
function errorOf(output: string): string {
  const lines = output.split('\n').filter((line) => /^npm error .*403/.test(line))
  return lines.length > 0 ? lines.join('\n') : output
}

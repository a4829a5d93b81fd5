import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApt, type Apt } from '../support/apt.ts'
import { BULK_PACKAGES } from '../support/debian-repository.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { startWiretap } from '../support/wiretap.ts'
import {
  CLOSED_TOKENS,
  downloadsOf,
  expectSuccess,
  FAR_LIMIT,
  OUT_OF_SCOPE,
  USED_UP,
} from './entitlements.ts'

const STABLE = 'acme/stable'
const FLAT = 'acme/flat'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('deb')
  const upstream = (folder: string): string => `${storage.url}/${folder}/`
  const repositories = {
    [STABLE]: { format: 'deb', upstream: upstream('debian') },
    [FLAT]: { format: 'deb', upstream: upstream('flat') },
  } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

const key = (): string => join(storage.root, 'debian/key.asc')
const flatKey = (): string => join(storage.root, 'flat/key.asc')

/** The secret stands in the URL. */
function aptWithTokenUrl({ token }: GateToken): Promise<Apt> {
  return createApt({ source: `${gate.url}/${token}/${STABLE} stable main`, key: key() })
}

/** The secret stands in auth.conf.d. */
function aptWithLogin(token: GateToken, login = 'token', password = token.token): Promise<Apt> {
  const machine = `${gate.url}/basic/${STABLE}`
  return createApt({ source: `${machine} stable main`, key: key(), login: { machine, login, password } })
}

test('apt-get installs a signed package through a token in the URL', async () => {
  await using apt = await aptWithTokenUrl(await gate.createToken(STABLE))
  expectSuccess(await apt.update())
  expectSuccess(await apt.install('hello-postern'))
  expect(await apt.installedVersion('hello-postern')).toBe('2.0~rc1+dfsg-1')
})

test('apt-get installs a signed package with the token as a password in auth.conf.d', async () => {
  await using apt = await aptWithLogin(await gate.createToken(STABLE))
  expectSuccess(await apt.update())
  expectSuccess(await apt.install('hello-postern'))
  expect(await apt.installedVersion('hello-postern')).toBe('2.0~rc1+dfsg-1')
})

test('apt-get without credentials is told that a token is needed', async () => {
  await using apt = await createApt({ source: `${gate.url}/basic/${STABLE} stable main`, key: key() })
  const { code, output } = await apt.update()
  expect(code).not.toBe(0)
  expect(output).toMatch(/401 +Token required/i)
})

test('names and versions with plus, tilde and epoch arrive', async () => {
  await using apt = await aptWithTokenUrl(await gate.createToken(STABLE))
  await apt.update()
  expectSuccess(await apt.install('lib++-demo', 'hello-postern=1.0-1'))
  expect(await apt.installedVersion('lib++-demo')).toBe('1:1.5~rc1+git-1')
  expect(await apt.installedVersion('hello-postern')).toBe('1.0-1')
})

test('a flat repository works with the dots that apt puts into its paths', async () => {
  const token = await gate.createToken(FLAT, FAR_LIMIT)
  await using apt = await createApt({ source: `${gate.url}/${token.token}/${FLAT} ./`, key: flatKey() })
  expectSuccess(await apt.update())
  expectSuccess(await apt.install('lib++-demo'))
  expect(await apt.installedVersion('lib++-demo')).toBe('1:1.5~rc1+git-1')
  expect(await downloadsOf(gate, FLAT, token)).toBe(1)
})

test('each package costs one download and indexes cost none', async () => {
  const token = await gate.createToken(STABLE, FAR_LIMIT)
  await using apt = await aptWithTokenUrl(token)
  await apt.update()
  expect(await downloadsOf(gate, STABLE, token)).toBe(0)
  expectSuccess(await apt.install('hello-postern', 'lib++-demo'))
  expect(await downloadsOf(gate, STABLE, token)).toBe(2)
})

test('packages asked for in a pipeline on one connection are counted one by one', async () => {
  const token = await gate.createToken(STABLE, { limit_num_downloads: BULK_PACKAGES + 1 })
  await using apt = await aptWithLogin(token)
  await apt.update()
  expectSuccess(await apt.install('bulk-postern'))
  expect(await apt.installedVersion(`bulk-postern-${BULK_PACKAGES}`)).toBe('1.0')
  expect(await downloadsOf(gate, STABLE, token)).toBe(BULK_PACKAGES + 1)
})

test('a token without limits is counted too', async () => {
  const token = await gate.createToken(STABLE)
  await using apt = await aptWithTokenUrl(token)
  await apt.update()
  await apt.install('hello-postern', 'plain-demo')
  await expect.poll(() => downloadsOf(gate, STABLE, token)).toBe(2)
})

test('apt-get goes on where a cut connection stopped, for one download', async () => {
  const token = await gate.createToken(STABLE, { limit_num_downloads: 1 })
  await using wire = await startWiretap(gate.port, { cutAfterBytes: 100_000 })
  await using apt = await createApt({
    source: `${wire.url}/${token.token}/${STABLE} stable main`,
    key: key(),
  })
  await apt.update()
  expectSuccess(await apt.install('large-demo'))
  expect(wire.heard()).toMatch(/^Range: bytes=/m)
  expect(await downloadsOf(gate, STABLE, token)).toBe(1)
})

test('of two clients that race for the last download one gets it', async () => {
  const token = await gate.createToken(STABLE, { limit_num_downloads: 1 })
  await using one = await aptWithTokenUrl(token)
  await using other = await aptWithTokenUrl(token)
  await Promise.all([one.update(), other.update()])
  const results = await Promise.all([one.install('plain-demo'), other.install('plain-demo')])
  expect(results.map(({ code }) => code === 0).sort()).toEqual([false, true])
  expect(await downloadsOf(gate, STABLE, token)).toBe(1)
})

test('indexes are fetched by their hash', async () => {
  await using apt = await aptWithTokenUrl(await gate.createToken(STABLE))
  expectSuccess(await apt.update())
  // Perhaps by an earlier machine, and from memory for this one.
  expect(storage.heard()).toMatch(/^GET \/debian\/dists\/stable\/main\/binary-\w+\/by-hash\/SHA512\//m)
})

test('an unchanged suite is answered from its dates', async () => {
  await using apt = await aptWithTokenUrl(await gate.createToken(STABLE))
  await apt.update()
  const { code, output } = await apt.update()
  expect(code).toBe(0)
  expect(output).toMatch(/^Hit:/m)
})

test.each(CLOSED_TOKENS)('apt-get prints why $title is refused', async ({ fields, reason }) => {
  await using apt = await aptWithTokenUrl(await gate.createToken(STABLE, fields))
  const { code, output } = await apt.update()
  expect(code).not.toBe(0)
  expect(reasonOf(output)).toMatch(reason)
})

test('apt-get prints why a closed token in auth.conf.d is refused', async () => {
  await using apt = await aptWithLogin(await gate.createToken(STABLE, { is_active: false }))
  const { code, output } = await apt.update()
  expect(code).not.toBe(0)
  expect(reasonOf(output)).toMatch(/disabled/i)
})

test('apt-get prints that a secret is not known', async () => {
  const token = await gate.createToken(STABLE)
  await using apt = await aptWithTokenUrl({ ...token, token: 'never-issued-0815' })
  const { code, output } = await apt.update()
  expect(code).not.toBe(0)
  expect(reasonOf(output)).toMatch(/unknown/i)
})

test('apt-get updates with a token for some packages and prints why it may not have another', async () => {
  const token = await gate.createToken(STABLE, { ...FAR_LIMIT, limit_packages: ['lib++-demo'] })
  await using apt = await aptWithTokenUrl(token)
  expectSuccess(await apt.update())
  const { code, output } = await apt.install('hello-postern')
  expect(code).not.toBe(0)
  expect(reasonOf(output)).toMatch(OUT_OF_SCOPE)
  expectSuccess(await apt.install('lib++-demo'))
  expect(await downloadsOf(gate, STABLE, token)).toBe(1)
})

test('apt-get prints that the downloads of a token are used up, and still updates', async () => {
  const token = await gate.createToken(STABLE, { limit_num_downloads: 1 })
  await using apt = await aptWithTokenUrl(token)
  await apt.update()
  expectSuccess(await apt.install('plain-demo'))
  const { code, output } = await apt.install('hello-postern')
  expect(code).not.toBe(0)
  expect(reasonOf(output)).toMatch(USED_UP)
  expectSuccess(await apt.update())
  expect(await downloadsOf(gate, STABLE, token)).toBe(1)
})

test('the public key can be fetched with a token, for nothing', async () => {
  const token = await gate.createToken(STABLE, FAR_LIMIT)
  const answer = await fetch(`${gate.url}/${token.token}/${STABLE}/key.asc`)
  expect(await answer.text()).toBe(await readFile(key(), 'utf8'))
  expect(await downloadsOf(gate, STABLE, token)).toBe(0)
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(STABLE)
  await using withUrl = await aptWithTokenUrl(token)
  await using withLogin = await aptWithLogin(token)
  for (const apt of [withUrl, withLogin]) {
    await apt.update()
    expectSuccess(await apt.install('plain-demo'))
  }
  expect(storage.heard()).toContain('plain-demo_1.0_all.deb')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

/** The line in which apt-get says what the server answered. */
function reasonOf(output: string): string {
  return /^E: Failed to fetch .* 403 .*$/m.exec(output)?.[0] ?? output
}

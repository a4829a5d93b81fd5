import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { createNpmKin, type NpmKin, type NpmKinProject } from '../support/npm-kin.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { downloadsOf, expectSuccess, FAR_LIMIT } from './entitlements.ts'

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

/** A package manager and what its users read. */
interface Case {
  readonly kin: NpmKin
  readonly title: string
  /** Of the gate's reasons; Yarn 1 has all of it, the others the few words of the status line. */
  readonly unknown: RegExp
  readonly usedUp: RegExp
  /** Whether the lock file names the URLs of tarballs. */
  readonly locksUrls: boolean
}

const CASES: readonly Case[] = [
  {
    kin: 'pnpm',
    title: 'pnpm',
    unknown: /ERR_PNPM_FETCH_401\s.*Unknown token - 401/,
    usedUp: /ERR_PNPM_FETCH_403\s.*widget-1\.1\.0\.tgz: Downloads used up - 403/,
    locksUrls: false,
  },
  {
    kin: 'yarn',
    title: 'Yarn 1',
    unknown: /Couldn't find package "@acme\/widget" on the "npm" registry/,
    usedUp: /widget-1\.1\.0\.tgz: Request failed "403 Forbidden"/,
    locksUrls: true,
  },
  {
    kin: 'berry',
    title: 'Yarn 4',
    unknown: /YN0041: .*Invalid authentication/,
    usedUp: /Response Code: .*403 \(Downloads used up\)/,
    locksUrls: false,
  },
]

type Files = Record<string, string>

describe.each(CASES)('$title', ({ kin, unknown, usedUp, locksUrls }) => {
  /** The secret stands in the URL of the registry. */
  function withTokenUrl({ token }: GateToken, files: Files = {}): Promise<NpmKinProject> {
    return createNpmKin(kin, { registry: `${gate.url}/${token}/${REPOSITORY}/`, files })
  }

  /** The secret is sent as a bearer token. */
  function withAuthToken({ token }: GateToken, files: Files = {}): Promise<NpmKinProject> {
    return createNpmKin(kin, { registry: `${gate.url}/basic/${REPOSITORY}/`, authToken: token, files })
  }

  test('installs with the token in the URL, each package for one download', async () => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    await using project = await withTokenUrl(token)
    expectSuccess(await project.add('@acme/widget', 'plain-demo'))
    expect(await project.installedVersion('@acme/widget')).toBe('1.1.0')
    expect(await project.installedVersion('plain-demo')).toBe('1.0.0')
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
    expect((await project.readLock()).includes(token.token)).toBe(locksUrls)
  })

  test('installs with a bearer token, each package for one download, and notes it nowhere', async () => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    await using project = await withAuthToken(token)
    expectSuccess(await project.add('@acme/widget', 'plain-demo'))
    expect(await project.installedVersion('@acme/widget')).toBe('1.1.0')
    expect(await project.installedVersion('plain-demo')).toBe('1.0.0')
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
    const lock = await project.readLock()
    expect(lock).toContain('@acme/widget@')
    expect(lock).not.toContain(token.token)
    expect(lock.includes(`${gate.url}/basic/${REPOSITORY}/@acme/widget/-/widget-1.1.0.tgz`)).toBe(locksUrls)
  })

  test('installs from the lock file of another project without asking for documents', async () => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    await using first = await withAuthToken(token)
    expectSuccess(await first.add('@acme/widget@1.0.0'))
    await gate.admin('POST', '/cache/purge/')
    const before = storage.heard().length
    await using second = await withAuthToken(token, await first.lockedFiles())
    expectSuccess(await second.installLocked())
    expect(await second.installedVersion('@acme/widget')).toBe('1.0.0')
    expect(requestLines(storage.heard().slice(before))).toEqual(['GET /npm/@acme/widget/-/widget-1.0.0.tgz'])
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
  })

  test.each([
    { title: 'in the URL', start: withTokenUrl },
    { title: 'that is sent', start: withAuthToken },
  ])('prints why a closed token $title is refused', async ({ start }) => {
    await using project = await start(await gate.createToken(REPOSITORY, { is_active: false }))
    const { code, output } = await project.add('@acme/widget')
    expect(code).not.toBe(0)
    expect(output).toMatch(/Token disabled/)
  })

  test('says that an unknown bearer token is no login', async () => {
    const token = await gate.createToken(REPOSITORY)
    await using project = await withAuthToken({ ...token, token: 'never-issued-0815' })
    const { code, output } = await project.add('@acme/widget')
    expect(code).not.toBe(0)
    expect(output).toMatch(unknown)
  })

  test('prints why a token for some packages may not have another', async () => {
    const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['plain-demo'] })
    await using project = await withAuthToken(token)
    const { code, output } = await project.add('@acme/widget')
    expect(code).not.toBe(0)
    expect(output).toMatch(/not covered/i)
    expectSuccess(await project.add('plain-demo'))
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test('installs the best of what a token for some versions may fetch', async () => {
    const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['@acme/widget@<1.1'] })
    await using project = await withAuthToken(token)
    expectSuccess(await project.add('@acme/widget'))
    expect(await project.installedVersion('@acme/widget')).toBe('1.0.0')
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test('says that a tarball is refused when the downloads of a token are used up', async () => {
    const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
    await using project = await withAuthToken(token)
    expectSuccess(await project.add('plain-demo'))
    const { code, output } = await project.add('@acme/widget')
    expect(code).not.toBe(0)
    expect(output).toMatch(usedUp)
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })
})

/** What was asked for; whether there is a newer pnpm is no matter. */
function requestLines(heard: string): string[] {
  const lines = [...heard.matchAll(/^(GET \S+) HTTP\/1\.1\r$/gm)].map(([, line]) => line ?? '')
  return lines.filter((line) => line !== 'GET /npm/pnpm')
}

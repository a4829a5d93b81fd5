import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FixedServer } from '../support/fixed-server.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { nugetPackage, startNugetServer } from '../support/nuget-server.ts'
import { createNuget, type Nuget } from '../support/nuget.ts'
import { get, type Answer } from '../support/requests.ts'
import {
  CLOSED_TOKENS,
  downloadsOf,
  expectSuccess,
  FAR_LIMIT,
  OUT_OF_SCOPE,
  USED_UP,
} from './entitlements.ts'

const REPOSITORY = 'acme/nuget'

let storage: FixedServer
let gate: Gate

beforeAll(async () => {
  storage = await startNugetServer()
  const repositories = { [REPOSITORY]: { format: 'nuget', upstream: `${storage.url}/nuget/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** nuget itself, in the version that speaks to feeds of version 2. */
function nugetWithTokenUrl({ token }: GateToken): Promise<Nuget> {
  return createNuget({ source: `${gate.url}/${token}/${REPOSITORY}/api/v2/` })
}

function nugetWithPassword({ token }: GateToken): Promise<Nuget> {
  return createNuget({ source: `${gate.url}/basic/${REPOSITORY}/api/v2/`, password: token })
}

test.each([
  { title: 'in the URL', start: nugetWithTokenUrl },
  { title: 'as a password', start: nugetWithPassword },
])('nuget installs from a feed of version 2 with the token $title, for one download', async ({ start }) => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using nuget = await start(token)
  expectSuccess(await nuget.install('Acme.Lib'))
  expect(await nuget.installed()).toEqual(['Acme.Lib.0.1.0'])
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test.each(CLOSED_TOKENS)('nuget prints why $title is refused', async ({ fields, reason }) => {
  await using nuget = await nugetWithTokenUrl(await gate.createToken(REPOSITORY, fields))
  const { code, output } = await nuget.install('Acme.Lib')
  expect(code).not.toBe(0)
  expect(output).toMatch(reason)
})

/** The requests of dotnet, in their order; credentials only after it was asked for them. */
async function ask(token: GateToken, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const url = `${gate.url}/basic/${REPOSITORY}/${path}`
  const first = await get(url, { headers: { ...AGENT, ...headers } })
  expect([first.status, first.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Basic /)])
  const authorization = `Basic ${Buffer.from(`token:${token.token}`).toString('base64')}`
  return get(url, { headers: { ...AGENT, ...headers, authorization } })
}

const AGENT = {
  'user-agent': 'NuGet .NET Core MSBuild Task/6.8.0 (Linux; Debian GNU/Linux 12)',
  'x-nuget-session-id': '00000000-0000-0000-0000-000000000000',
  'accept-language': 'en',
  'accept-encoding': 'gzip, deflate',
}

interface ServiceIndex {
  readonly resources: readonly { readonly '@id': string; readonly '@type': string }[]
}

/** The path below the repository of a resource that the service index names. */
async function resource(token: GateToken, type: string): Promise<string> {
  const index = JSON.parse((await ask(token, 'v3/index.json')).body.toString()) as ServiceIndex
  const found = index.resources.find((each) => each['@type'].startsWith(`${type}/`))?.['@id'] ?? ''
  const root = `${gate.url}/basic/${REPOSITORY}/`
  expect(found.startsWith(root)).toBe(true)
  return found.slice(root.length)
}

test('dotnet restore finds its way through the service index, and a package costs one download', async () => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  const packages = await resource(token, 'PackageBaseAddress')
  const { body } = await ask(token, `${packages}acme.tool/index.json`)
  expect(JSON.parse(body.toString())).toEqual({ versions: ['1.0.0', '1.1.0', '2.0.0-beta'] })
  const found = await ask(token, `${packages}acme.tool/1.1.0/acme.tool.1.1.0.nupkg`)
  expect(found.body.equals(nugetPackage('Acme.Tool', '1.1.0'))).toBe(true)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('dotnet sees only the versions that a token may fetch', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['nuget:acme.TOOL@<1.1'] })
  const packages = await resource(token, 'PackageBaseAddress')
  const list = await ask(token, `${packages}acme.tool/index.json`)
  expect(JSON.parse(list.body.toString())).toEqual({ versions: ['1.0.0'] })
  const registrations = await resource(token, 'RegistrationsBaseUrl')
  const { body, headers } = await ask(token, `${registrations}acme.tool/index.json`)
  expect(headers['content-encoding']).toBeUndefined()
  expect(body.toString()).toContain(`${gate.url}/basic/${REPOSITORY}/${packages}acme.tool/1.0.0/`)
  expect(body.toString()).not.toContain('1.1.0')
  const refused = await ask(token, `${packages}acme.tool/1.1.0/acme.tool.1.1.0.nupkg`)
  expect([refused.status, refused.reason]).toEqual([403, expect.stringMatching(OUT_OF_SCOPE)])
  expect((await ask(token, 'v3/query?q=acme')).status).toBe(403)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
})

test('dotnet is told in the reason phrase, which it prints, that downloads are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  const packages = await resource(token, 'PackageBaseAddress')
  expect((await ask(token, `${packages}acme.lib/0.1.0/acme.lib.0.1.0.nupkg`)).status).toBe(200)
  const refused = await ask(token, `${packages}acme.tool/1.1.0/acme.tool.1.1.0.nupkg`)
  expect([refused.status, refused.reason]).toEqual([403, expect.stringMatching(USED_UP)])
})

test('a list that was changed for a token is known again by its ETag', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_packages: ['acme.tool@1.0.0'] })
  const url = `${gate.url}/${token.token}/${REPOSITORY}/v3/flatcontainer/acme.tool/index.json`
  const { headers } = await get(url)
  expect((await get(url, { headers: { 'if-none-match': String(headers['etag']) } })).status).toBe(304)
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using nuget = await nugetWithPassword(token)
  expectSuccess(await nuget.install('Acme.Lib'))
  expect(storage.heard()).toContain('/package/Acme.Lib/0.1.0')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

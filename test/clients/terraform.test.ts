import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FixedServer } from '../support/fixed-server.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { get, type Answer } from '../support/requests.ts'
import { createTerraform, HAS_TERRAFORM, type Terraform } from '../support/terraform.ts'
import { moduleArchive, providerArchive, startTerraformServer } from '../support/terraform-server.ts'
import { startTlsFront, type TlsFront } from '../support/tls-front.ts'
import {
  CLOSED_TOKENS,
  downloadsOf,
  expectSuccess,
  FAR_LIMIT,
  OUT_OF_SCOPE,
  USED_UP,
} from './entitlements.ts'

const REPOSITORY = 'acme/infra'
const MODULE = 'v1/modules/acme/vpc/aws'
const PROVIDER = 'v1/providers/acme/cloud'
const MIRROR = 'mirror/example.com/acme/cloud'

let storage: FixedServer
let gate: Gate
let front: TlsFront
/** Name and port by which terraform knows the registry. */
let host: string

beforeAll(async () => {
  storage = await startTerraformServer()
  const repositories = { [REPOSITORY]: { format: 'terraform', upstream: `${storage.url}/infra/` } } as const
  // The host that a request names is the one of links, with the scheme of public_url.
  gate = await startGate({
    config: { repositories, hosts: { '127.0.0.1': REPOSITORY }, public_url: 'https://127.0.0.1' },
  })
  front = await startTlsFront(gate.port)
  // Names of registries have a dot.
  host = `127.0.0.1:${new URL(front.url).port}`
})

afterAll(async () => {
  await front?.[Symbol.asyncDispose]()
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** As terraform asks: over TLS, on a host that stands for the repository, with a bearer token or none. */
function ask(path: string, token?: GateToken): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token.token}` }
  const headers = {
    host,
    'user-agent': 'Terraform/1.11.4',
    'x-terraform-version': '1.11.4',
    ...authorization,
  }
  return get(`http://127.0.0.1:${gate.port}/${path}`, { headers })
}

/** Follows a URL of the gate as terraform does: without credentials. */
function follow(url: unknown): Promise<Answer> {
  const { host: named, pathname } = new URL(String(url))
  expect(named).toBe(host)
  return ask(pathname.slice(1).replace(/\/\/.*$/, ''))
}

function parse({ body }: Answer): Record<string, unknown> {
  return JSON.parse(body.toString()) as Record<string, unknown>
}

describe('the requests of terraform', () => {
  test('find the services of the host without a token', async () => {
    const { status, body } = await ask('.well-known/terraform.json')
    expect(status).toBe(200)
    expect(JSON.parse(body.toString())).toEqual({
      'modules.v1': '/basic/v1/modules/',
      'providers.v1': '/basic/v1/providers/',
    })
    const elsewhere = await get(`http://127.0.0.1:${gate.port}/.well-known/terraform.json`, {
      headers: { host: 'localhost' },
    })
    expect(elsewhere.status).toBe(404)
  })

  test('are asked for a token by the registry', async () => {
    expect((await ask(`basic/${MODULE}/versions`)).status).toBe(401)
  })

  test('get a module by a URL that needs no credentials, for one download', async () => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    expect(parse(await ask(`basic/${MODULE}/versions`, token))).toMatchObject({
      modules: [{ versions: [{ version: '1.0.0' }, { version: '1.1.0' }, { version: '2.0.0' }] }],
    })
    const found = await ask(`basic/${MODULE}/1.1.0/download`, token)
    const location = `https://${host}/${token.token}/${MODULE}/1.1.0/archive.zip`
    expect([found.status, found.headers['x-terraform-get']]).toEqual([200, location])
    expect(parse(found)).toEqual({ location })
    const { body } = await follow(location)
    expect(body.equals(moduleArchive('1.1.0'))).toBe(true)
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test('get a module that lies in a folder of its archive', async () => {
    const token = await gate.createToken(REPOSITORY)
    const { headers } = await ask(`basic/${MODULE}/1.0.0/download`, token)
    const location = headers['x-terraform-get']
    expect(location).toBe(`https://${host}/${token.token}/${MODULE}/1.0.0/archive.zip//modules/net`)
    expect((await follow(location)).body.equals(moduleArchive('1.0.0'))).toBe(true)
  })

  test('get a provider with what is signed as it was, for one download', async () => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    const document = parse(await ask(`basic/${PROVIDER}/1.1.0/download/linux/amd64`, token))
    expect(document).toMatchObject({ os: 'linux', arch: 'amd64', protocols: ['5.0'] })
    const sums = await follow(document['shasums_url'])
    expect(sums.body.toString()).toContain('  terraform-provider-cloud_1.1.0_linux_amd64.zip\n')
    expect((await follow(document['shasums_signature_url'])).status).toBe(200)
    const { body } = await follow(document['download_url'])
    expect(body.equals(providerArchive('1.1.0', 'linux', 'amd64'))).toBe(true)
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test('get a provider from a mirror for one download', async () => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    expect(parse(await ask(`basic/${MIRROR}/index.json`, token))).toEqual({
      versions: { '1.0.0': {}, '1.1.0': {}, '2.0.0': {} },
    })
    const { archives } = parse(await ask(`basic/${MIRROR}/2.0.0.json`, token)) as {
      archives: Record<string, { url: string }>
    }
    const { body } = await follow(archives['darwin_arm64']?.url)
    expect(body.equals(providerArchive('2.0.0', 'darwin', 'arm64'))).toBe(true)
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test('see only versions that a token may fetch', async () => {
    const rules = ['acme/vpc/aws@<1.1', 'acme/cloud@1.1.0', 'example.com/acme/cloud@2.0.0']
    const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: rules })
    expect(parse(await ask(`basic/${MODULE}/versions`, token))).toEqual({
      modules: [{ versions: [{ version: '1.0.0' }] }],
    })
    expect(parse(await ask(`basic/${PROVIDER}/versions`, token))).toMatchObject({
      versions: [{ version: '1.1.0', platforms: [{ os: 'linux' }, { os: 'darwin' }] }],
    })
    expect(parse(await ask(`basic/${MIRROR}/index.json`, token))).toEqual({ versions: { '2.0.0': {} } })
    for (const path of [`${MODULE}/1.1.0/download`, `${MODULE}/1.1.0/archive.zip`, `${MIRROR}/1.0.0.json`]) {
      const { status, reason } = await ask(`basic/${path}`, token)
      expect([status, reason]).toEqual([403, expect.stringMatching(OUT_OF_SCOPE)])
    }
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
  })

  test.each(CLOSED_TOKENS)('are told why $title is refused', async ({ fields, reason }) => {
    const refused = await ask(`basic/${MODULE}/versions`, await gate.createToken(REPOSITORY, fields))
    expect([refused.status, refused.reason]).toEqual([403, expect.stringMatching(reason)])
  })

  test('are told that downloads are used up', async () => {
    const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
    expect((await ask(`${token.token}/${MODULE}/1.0.0/archive.zip`)).status).toBe(200)
    const refused = await ask(`${token.token}/${MODULE}/1.1.0/archive.zip`)
    expect([refused.status, refused.reason]).toEqual([403, expect.stringMatching(USED_UP)])
  })

  test('get no file by a path of the storage that the documents do not lead to', async () => {
    const token = await gate.createToken(REPOSITORY, { limit_packages: ['**'] })
    expect((await ask(`${token.token}/files/m-1.0.0.zip`)).status).toBe(403)
    expect((await ask(`${token.token}/${MODULE}/9.9.9/archive.zip`)).status).toBe(404)
  })
})

test('registries that tell in a document where a module lies are understood', async () => {
  await using other = await startTerraformServer('document')
  const repositories = { [REPOSITORY]: { format: 'terraform', upstream: `${other.url}/infra/` } } as const
  await using second = await startGate({ config: { repositories } })
  const token = await second.createToken(REPOSITORY)
  const root = `${second.url}/${token.token}/${REPOSITORY}/${MODULE}`
  const { headers } = await get(`${root}/1.1.0/download`)
  expect(headers['x-terraform-get']).toBe(`${root}/1.1.0/archive.zip`)
  expect((await get(`${root}/1.1.0/archive.zip`)).body.equals(moduleArchive('1.1.0'))).toBe(true)
})

describe.skipIf(!HAS_TERRAFORM)('terraform', () => {
  const needsModule = (): string =>
    `module "vpc" {\n  source = "${host}/acme/vpc/aws"\n  version = "~> 1.0"\n}\n`
  const needsProvider = (): string =>
    `terraform {\n  required_providers {\n    cloud = {\n      source = "${host}/acme/cloud"\n    }\n  }\n}\n`

  /** The token is sent to a host that says which services it has. */
  function withCredentials({ token }: GateToken, main: string): Promise<Terraform> {
    const settings = `credentials "${host}" {\n  token = "${token}"\n}`
    return createTerraform({ certificate: front.certificate, settings, main })
  }

  /** The services are given, with the secret in their URLs. */
  function withServices({ token }: GateToken, main: string): Promise<Terraform> {
    const root = `https://${host}/${token}/v1`
    const services = `"modules.v1" = "${root}/modules/"\n    "providers.v1" = "${root}/providers/"`
    const settings = `host "${host}" {\n  services = {\n    ${services}\n  }\n}`
    return createTerraform({ certificate: front.certificate, settings, main })
  }

  test.each([
    { title: 'with credentials', start: withCredentials },
    { title: 'with the secret in URLs', start: withServices },
  ])('installs modules and providers $title, each for one download', async ({ start }) => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    await using terraform = await start(token, needsModule() + needsProvider())
    expectSuccess(await terraform.init())
    expect(await terraform.read('.terraform/modules/vpc/main.tf')).toContain('"1.1.0"')
    const lock = await terraform.read('.terraform.lock.hcl')
    expect(lock).toContain('2.0.0')
    expect(`${lock}${await terraform.read('.terraform/modules/modules.json')}`).not.toContain(token.token)
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
  })

  test('installs from a mirror, for one download', async () => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    const settings = `provider_installation {\n  network_mirror {\n    url = "https://${host}/basic/mirror/"\n  }\n}\ncredentials "${host}" {\n  token = "${token.token}"\n}`
    const main = needsProvider().replace(host, 'example.com')
    await using terraform = await createTerraform({ certificate: front.certificate, settings, main })
    expectSuccess(await terraform.init())
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test('takes the best of the versions that a token may fetch', async () => {
    const rules = ['acme/vpc/aws@<1.1', 'acme/cloud@<2']
    const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: rules })
    await using terraform = await withCredentials(token, needsModule() + needsProvider())
    expectSuccess(await terraform.init())
    expect(await terraform.read('.terraform.lock.hcl')).toContain('1.1.0')
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
  })

  test.each(CLOSED_TOKENS)('prints why $title is refused', async ({ fields, reason }) => {
    const token = await gate.createToken(REPOSITORY, fields)
    await using terraform = await withCredentials(token, needsModule())
    const { code, output } = await terraform.init()
    expect(code).not.toBe(0)
    expect(/looking up module versions:\s+403\s+(.*)/s.exec(output)?.[1]).toMatch(reason)
  })
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await ask(`basic/${MODULE}/1.1.0/download`, token)
  await ask(`${token.token}/${MODULE}/1.1.0/archive.zip`)
  expect(storage.heard()).toContain('GET /infra/files/m-1.1.0.zip')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

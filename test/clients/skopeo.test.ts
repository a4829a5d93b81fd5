import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import type { Registry } from '../support/registry.ts'
import { createSkopeo, type Skopeo } from '../support/skopeo.ts'
import {
  CLOSED_TOKENS,
  downloadsOf,
  expectSuccess,
  FAR_LIMIT,
  OUT_OF_SCOPE,
  USED_UP,
} from './entitlements.ts'
import { AMD, ARM, bytesOf, MULTI, startImages, TOOL_1 } from './images.ts'

const REPOSITORY = 'acme/docker'
const PUBLIC = 'acme/open'
/** Counters of bytes are exact at once where there is a limit. */
const FAR = { ...FAR_LIMIT, limit_bandwidth: 1_000_000_000 }

let registry: Registry
let gate: Gate

beforeAll(async () => {
  registry = await startImages()
  const repository = { format: 'docker', upstream: `${registry.url}/team/` } as const
  const repositories = { [REPOSITORY]: repository, [PUBLIC]: { ...repository, public: true } }
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await registry?.[Symbol.asyncDispose]()
})

function skopeoAs(user: string | undefined, password: string): Promise<Skopeo> {
  const login = user === undefined ? undefined : { user, password }
  return createSkopeo({ registry: `127.0.0.1:${gate.port}`, login })
}

async function bandwidthOf(token: GateToken): Promise<unknown> {
  return (await gate.readToken(REPOSITORY, token.slug_perm))['bandwidth']
}

test.each(['token', REPOSITORY, 'whoever'])(
  'skopeo logged in as %s pulls an image for one download, and every byte of it is counted',
  async (user) => {
    const token = await gate.createToken(REPOSITORY, FAR)
    await using skopeo = await skopeoAs(user, token.token)
    expectSuccess(await skopeo.pull(`${REPOSITORY}/tool:1.0`))
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
    expect(await bandwidthOf(token)).toBe(bytesOf(TOOL_1))
  },
)

test('skopeo pulls one platform of an index for one download; the index is free', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  await using skopeo = await skopeoAs('token', token.token)
  expectSuccess(await skopeo.pull(`${REPOSITORY}/multi:1.0`, 'arm64'))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  expect(await bandwidthOf(token)).toBe(
    bytesOf(ARM) + (MULTI.blobs.get(MULTI.descriptor.digest)?.length ?? 0),
  )
})

test('skopeo pulls all platforms of an index for one download each', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  await using skopeo = await skopeoAs('token', token.token)
  expectSuccess(await skopeo.pull(`${REPOSITORY}/multi/nested/blobs:1.0`, 'all'))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
  expect(await bandwidthOf(token)).toBe(bytesOf(MULTI))
})

test('skopeo pulls by digest for one download', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  await using skopeo = await skopeoAs('token', token.token)
  expectSuccess(await skopeo.pull(`${REPOSITORY}/multi@${AMD.descriptor.digest}`))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('a chart is a package like an image', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  await using skopeo = await skopeoAs('token', token.token)
  expectSuccess(await skopeo.pull(`${REPOSITORY}/charts/widget:0.1.0`))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('a second pull is a second download', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  await using skopeo = await skopeoAs('token', token.token)
  expectSuccess(await skopeo.pull(`${REPOSITORY}/tool:1.0`))
  expectSuccess(await skopeo.pull(`${REPOSITORY}/tool@${TOOL_1.descriptor.digest}`))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('a token for some versions pulls these, by tag and by digest, and sees no others', async () => {
  const token = await gate.createToken(REPOSITORY, {
    ...FAR,
    limit_packages: ['docker:tool@<2', 'docker:multi@1.*'],
  })
  await using skopeo = await skopeoAs('token', token.token)
  expectSuccess(await skopeo.pull(`${REPOSITORY}/tool:1.0`))
  expectSuccess(await skopeo.pull(`${REPOSITORY}/tool@${TOOL_1.descriptor.digest}`))
  expectSuccess(await skopeo.pull(`${REPOSITORY}/multi:1.0`, 'arm64'))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(3)
  const { stdout } = await skopeo.run('list-tags', `docker://127.0.0.1:${gate.port}/${REPOSITORY}/tool`)
  expect(JSON.parse(stdout)).toMatchObject({ Tags: ['1.0'] })
  for (const other of ['tool:2.0', 'tool:latest', 'other:1.0', `tool@${AMD.descriptor.digest}`]) {
    const { code, output } = await skopeo.pull(`${REPOSITORY}/${other}`)
    expect(code).not.toBe(0)
    expect(output).toMatch(/denied: /)
    expect(output).toMatch(OUT_OF_SCOPE)
  }
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(3)
})

test.each(CLOSED_TOKENS)('skopeo prints why $title is refused', async ({ fields, reason }) => {
  const token = await gate.createToken(REPOSITORY, fields)
  await using skopeo = await skopeoAs('token', token.token)
  const { code, output } = await skopeo.pull(`${REPOSITORY}/tool:1.0`)
  expect(code).not.toBe(0)
  expect(output).toMatch(/denied: /)
  expect(output).toMatch(reason)
})

test('skopeo prints that the downloads of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using skopeo = await skopeoAs('token', token.token)
  expectSuccess(await skopeo.pull(`${REPOSITORY}/tool:1.0`))
  const { code, output } = await skopeo.pull(`${REPOSITORY}/multi:1.0`)
  expect(code).not.toBe(0)
  expect(output).toMatch(USED_UP)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test.each([
  ['without a login', undefined, /unauthorized: Token required/],
  ['with an unknown token', 'token', /unauthorized: Unknown token/],
])('skopeo %s is told so', async (_, user, reason) => {
  await using skopeo = await skopeoAs(user, 'ptkNobodysToken')
  const { code, output } = await skopeo.pull(`${REPOSITORY}/tool:1.0`)
  expect(code).not.toBe(0)
  expect(output).toMatch(reason)
})

test('skopeo prints that there is no such image', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using skopeo = await skopeoAs('token', token.token)
  expect((await skopeo.pull(`${REPOSITORY}/tool:9.9`)).output).toMatch(/manifest unknown: Not found/)
})

test.each([
  ['nobody logged in', undefined],
  ['a login for something else', 'token'],
])('skopeo pulls from a public repository with %s', async (_, user) => {
  const token = await gate.createToken(REPOSITORY, FAR)
  await using skopeo = await skopeoAs(user, token.token)
  expectSuccess(await skopeo.pull(`${PUBLIC}/tool:1.0`))
  expectSuccess(await skopeo.pull(`${PUBLIC}/multi:1.0`))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
})

test('skopeo can not push, and is told why', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using skopeo = await skopeoAs('token', token.token)
  const place = `docker://127.0.0.1:${gate.port}/${REPOSITORY}`
  expect((await skopeo.run('delete', `${place}/tool:1.0`)).code).not.toBe(0)
  expectSuccess(await skopeo.pull(`${REPOSITORY}/tool:1.0`))
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_packages: ['docker:tool@1.0'] })
  await using skopeo = await skopeoAs('token', token.token)
  expectSuccess(await skopeo.pull(`${REPOSITORY}/tool:1.0`))
  expect(registry.heard()).toContain('/v2/team/tool/manifests/1.0 ')
  expect(registry.heard()).not.toContain(token.token)
  expect(registry.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { createMaven, type Maven } from '../support/maven.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { downloadsOf, expectSuccess, FAR_LIMIT, OUT_OF_SCOPE, USED_UP } from './entitlements.ts'

const REPOSITORY = 'acme/java'
const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString()

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('maven')
  const repositories = { [REPOSITORY]: { format: 'maven', upstream: `${storage.url}/maven/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** The secret stands in the URL of the repository. */
function mavenWithTokenUrl({ token }: GateToken): Promise<Maven> {
  return createMaven({
    url: `${gate.url}/${token}/${REPOSITORY}`,
    toolsUrl: `file://${storage.root}/maven-tools`,
  })
}

function mavenWithServer(server: string): Promise<Maven> {
  return createMaven({
    url: `${gate.url}/basic/${REPOSITORY}`,
    toolsUrl: `file://${storage.root}/maven-tools`,
    server,
  })
}

/** The secret is a password in settings.xml. Maven sends it when it is asked for it. */
function mavenWithPassword({ token }: GateToken): Promise<Maven> {
  return mavenWithServer(`<username>token</username><password>${token}</password>`)
}

/** The secret is a header in settings.xml. */
function mavenWithHeader({ token }: GateToken): Promise<Maven> {
  const property = `<property><name>X-Api-Key</name><value>${token}</value></property>`
  return mavenWithServer(`<configuration><httpHeaders>${property}</httpHeaders></configuration>`)
}

test.each([
  { title: 'in the URL', start: mavenWithTokenUrl, isWritten: true },
  { title: 'as a password', start: mavenWithPassword, isWritten: false },
  { title: 'in a header', start: mavenWithHeader, isWritten: false },
])('Maven resolves with the token $title, and each jar costs one download', async ({ start, isWritten }) => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  await using maven = await start(token)
  expectSuccess(await maven.resolve('1.1'))
  const local = await maven.local()
  expect(local).toContain('com/acme/widget/1.1/widget-1.1.jar')
  expect(local).toContain('com/acme/lib/1.0/lib-1.0.jar')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
  // Maven notes in its local repository which URL had what.
  expect((await maven.written()).includes(token.token)).toBe(isWritten)
})

test('Maven resolves a snapshot; what tells the newest build is free', async () => {
  const token = await gate.createToken(REPOSITORY, {
    ...FAR_LIMIT,
    limit_packages: ['com.acme:widget@2.0-*', 'com.acme:lib'],
  })
  await using maven = await mavenWithTokenUrl(token)
  expectSuccess(await maven.resolve('2.0-SNAPSHOT'))
  expect(await maven.local()).toContain('com/acme/widget/2.0-SNAPSHOT/widget-2.0-20260101.120000-1.jar')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('Maven prints that a token is expired', async () => {
  await using maven = await mavenWithPassword(
    await gate.createToken(REPOSITORY, { limit_date_range_to: YESTERDAY }),
  )
  const { code, output } = await maven.resolve('1.0')
  expect(code).not.toBe(0)
  expect(output).toMatch(/403 Token expired/)
})

test('Maven prints that a token for some versions may not have another', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['com.acme:*@<1.1'] })
  await using maven = await mavenWithPassword(token)
  const { code, output } = await maven.resolve('1.1')
  expect(code).not.toBe(0)
  expect(output).toMatch(OUT_OF_SCOPE)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
})

test('Maven prints that the downloads of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using maven = await mavenWithTokenUrl(token)
  const { code, output } = await maven.resolve('1.0')
  expect(code).not.toBe(0)
  expect(output).toMatch(USED_UP)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('Maven looks in other repositories for what a token does not cover', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['com.acme:*'] })
  const toolsUrl = `file://${storage.root}/maven-tools`
  // Asked first, and refuses what Maven adds by itself.
  await using maven = await createMaven({
    url: toolsUrl,
    toolsUrl: `${gate.url}/${token.token}/${REPOSITORY}`,
  })
  expectSuccess(await maven.resolve('1.0'))
  expect(await maven.local()).toContain('org/codehaus/plexus/plexus-utils/1.1/plexus-utils-1.1.jar')
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using maven = await mavenWithPassword(token)
  expectSuccess(await maven.resolve('1.0'))
  expect(storage.heard()).toContain('/widget-1.0.jar ')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?(authorization|x-api-key):/im)
})

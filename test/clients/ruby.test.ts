import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { createRuby, type Ruby } from '../support/ruby.ts'
import { startRubyStorage, type RubyStorage } from '../support/ruby-storage.ts'
import { CLOSED_TOKENS, downloadsOf, expectSuccess, FAR_LIMIT, USED_UP } from './entitlements.ts'

const REPOSITORY = 'acme/ruby'
const TOOL = 'gem "acme-tool"'

let storage: RubyStorage
let gate: Gate

beforeAll(async () => {
  storage = await startRubyStorage()
  const repositories = {
    [REPOSITORY]: { format: 'ruby', upstream: `${storage.url}/`, cache: false },
  } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** The secret stands in the URL of the source. */
function withTokenUrl({ token }: GateToken, ...gems: readonly string[]): Promise<Ruby> {
  return createRuby({ source: `${gate.url}/${token}/${REPOSITORY}/`, gems })
}

/** The secret is a password in the URL of the source. */
function withLogin({ token }: GateToken, ...gems: readonly string[]): Promise<Ruby> {
  const url = gate.url.replace('//', `//token:${token}@`)
  return createRuby({ source: `${url}/basic/${REPOSITORY}/`, gems })
}

/** Bundler keeps the secret apart from the source. */
function withConfig({ token }: GateToken, ...gems: readonly string[]): Promise<Ruby> {
  return createRuby({
    source: `${gate.url}/basic/${REPOSITORY}/`,
    credentials: `token:${token}`,
    gems,
  })
}

describe('gem', () => {
  test.each([
    { title: 'in the URL', start: withTokenUrl },
    { title: 'as a password', start: withLogin },
  ])('installs with the token $title, and each gem costs one download', async ({ start }) => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    await using ruby = await start(token)
    const { code, output } = await ruby.gem('install', '--no-document', 'acme-tool')
    expect(code === 0 ? output : '').toContain('Successfully installed acme-tool-2.0.0')
    expect(output).toContain('Successfully installed acme-lib-0.1.0')
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
  })

  test('sees only the versions that a token may fetch, and installs the best of them', async () => {
    const token = await gate.createToken(REPOSITORY, {
      ...FAR_LIMIT,
      limit_packages: ['acme-tool@<2', 'acme-lib'],
    })
    await using ruby = await withTokenUrl(token)
    expect((await ruby.gem('list', '--remote', '--all')).stdout).toBe(
      'acme-lib (0.1.0)\nacme-tool (1.1.0, 1.0.0)\n',
    )
    expect((await ruby.gem('install', '--no-document', 'acme-tool')).output).toContain(
      'installed acme-tool-1.1.0',
    )
    const { code, output } = await ruby.gem('install', '--no-document', 'acme-tool:2.0.0')
    expect(code).not.toBe(0)
    expect(output).toContain("Could not find a valid gem 'acme-tool' (= 2.0.0)")
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
  })

  test.each(CLOSED_TOKENS)('prints why $title is refused', async ({ fields, reason }) => {
    await using ruby = await withTokenUrl(await gate.createToken(REPOSITORY, fields))
    const { code, output } = await ruby.gem('install', '--no-document', 'acme-tool')
    expect(code).not.toBe(0)
    expect(output).toMatch(reason)
  })

  test('prints that the downloads of a token are used up', async () => {
    const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
    await using ruby = await withTokenUrl(token)
    expectSuccess(await ruby.gem('install', '--no-document', 'plain-demo'))
    const { code, output } = await ruby.gem('install', '--no-document', 'acme-lib')
    expect(code).not.toBe(0)
    expect(output).toMatch(USED_UP)
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test('prints that a token in the URL is unknown', async () => {
    await using ruby = await createRuby({ source: `${gate.url}/unknown-token-1/${REPOSITORY}/` })
    const { code, output } = await ruby.gem('install', '--no-document', 'plain-demo')
    expect(code).not.toBe(0)
    expect(output).toContain('Unknown token')
  })
})

describe('bundler', () => {
  test.each([
    { title: 'in the URL', start: withTokenUrl, isKept: true },
    { title: 'as a password in the URL', start: withLogin, isKept: true },
    { title: 'in its configuration', start: withConfig, isKept: false },
  ])('installs with the token $title, and each gem costs one download', async ({ start, isKept }) => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    await using ruby = await start(token, TOOL)
    expectSuccess(await ruby.bundle('install'))
    const lock = await ruby.read('Gemfile.lock')
    expect(lock).toContain('acme-tool (2.0.0)')
    expect(lock?.includes(token.token)).toBe(isKept)
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
  })

  test('installs from a lock file', async () => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    await using first = await withConfig(token, TOOL)
    expectSuccess(await first.bundle('lock'))
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
    await using second = await withConfig(token, TOOL)
    await second.write('Gemfile.lock', (await first.read('Gemfile.lock')) ?? '')
    expectSuccess(await second.bundle('install'))
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
  })

  test('fetches only what is new of the list of versions, and finds it whole', async () => {
    const token = await gate.createToken(REPOSITORY)
    await using ruby = await withTokenUrl(token, TOOL)
    expectSuccess(await ruby.bundle('lock'))
    const before = storage.heard().length
    await appendFile(join(storage.root, 'versions'), 'other-gem 1.0 0123456789abcdef0123456789abcdef\n')
    await ruby.write('Gemfile.lock', '')
    expectSuccess(await ruby.bundle('lock'))
    const heard = storage.heard().slice(before)
    expect(heard.map(({ url, status }) => [url, status])).toEqual([['/versions', 206]])
  })

  test('sees only the versions that a token may fetch, with checksums that are right', async () => {
    const token = await gate.createToken(REPOSITORY, {
      ...FAR_LIMIT,
      limit_packages: ['acme-tool@<2', 'acme-lib'],
    })
    await using ruby = await withConfig(token, TOOL)
    const before = storage.heard().length
    expectSuccess(await ruby.bundle('install'))
    expect(await ruby.read('Gemfile.lock')).toContain('acme-tool (1.1.0)')
    // It looks into the old index when it takes the new one for broken.
    expect(
      storage
        .heard()
        .slice(before)
        .filter(({ url }) => /specs|quick|api/.test(url)),
    ).toEqual([])
    await ruby.write('Gemfile.lock', '')
    expectSuccess(await ruby.bundle('lock'))
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
  })

  test('finds nothing of a gem that a token does not cover', async () => {
    const token = await gate.createToken(REPOSITORY, { limit_packages: ['plain-demo'] })
    await using ruby = await withConfig(token, TOOL)
    const { code, output } = await ruby.bundle('lock')
    expect(code).not.toBe(0)
    expect(output).toMatch(/Could not find gem 'acme-tool'/)
  })

  test('prints that the downloads of a token are used up', async () => {
    const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
    await using ruby = await withConfig(token, TOOL)
    const { code, output } = await ruby.bundle('install')
    expect(code).not.toBe(0)
    expect(output).toMatch(USED_UP)
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test('says that a version of a lock file is not there, where a token does not cover it', async () => {
    await using first = await withConfig(await gate.createToken(REPOSITORY), TOOL)
    expectSuccess(await first.bundle('lock'))
    const token = await gate.createToken(REPOSITORY, { limit_packages: ['acme-tool@<2', 'acme-lib'] })
    await using second = await withConfig(token, TOOL)
    await second.write('Gemfile.lock', (await first.read('Gemfile.lock')) ?? '')
    const { code, output } = await second.bundle('install')
    expect(code).not.toBe(0)
    expect(output).toMatch(/locked to acme-tool \(2\.0\.0\).*no longer be found/s)
  })

  test.each(CLOSED_TOKENS)('is told no reason for $title', async ({ fields }) => {
    await using ruby = await withConfig(await gate.createToken(REPOSITORY, fields), TOOL)
    const { code, output } = await ruby.bundle('lock')
    expect(code).not.toBe(0)
    expect(output).toContain('Bad username or password')
  })
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await using ruby = await withLogin(token, 'gem "plain-demo"')
  expectSuccess(await ruby.bundle('install'))
  const heard = JSON.stringify(storage.heard())
  expect(heard).toContain('/gems/plain-demo-1.0.0.gem')
  expect(heard).not.toContain(token.token)
  expect(heard).not.toMatch(/"(?:proxy-)?authorization"/i)
})

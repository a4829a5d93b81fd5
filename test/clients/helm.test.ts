import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { buildHelmRepository } from '../support/helm-repository.ts'
import { createHelm, HAS_HELM, unpackHelm, type Helm, type HelmProgram } from '../support/helm.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import {
  CLOSED_TOKENS,
  downloadsOf,
  expectSuccess,
  FAR_LIMIT,
  OUT_OF_SCOPE,
  USED_UP,
} from './entitlements.ts'

const REPOSITORY = 'acme/charts'

describe.runIf(HAS_HELM)('helm', () => {
  let program: HelmProgram
  let storage: Storage
  let gate: Gate

  beforeAll(async () => {
    ;[program, storage] = await Promise.all([unpackHelm(), startStorage()])
    await buildHelmRepository(program, storage.root, `${storage.url}/helm`)
    const repositories = { [REPOSITORY]: { format: 'helm', upstream: `${storage.url}/helm/` } } as const
    gate = await startGate({ config: { repositories } })
  })

  afterAll(async () => {
    await gate?.[Symbol.asyncDispose]()
    await storage?.[Symbol.asyncDispose]()
    await program?.[Symbol.asyncDispose]()
  })

  /** The secret stands in the URL of the repository. */
  function byUrl({ token }: GateToken): readonly string[] {
    return [`${gate.url}/${token}/${REPOSITORY}`]
  }

  function byLogin({ token }: GateToken): readonly string[] {
    return [`${gate.url}/basic/${REPOSITORY}`, '--username', 'token', '--password', token]
  }

  async function helmWith(repository: readonly string[]): Promise<Helm> {
    const helm = await createHelm(program)
    expectSuccess(await helm.run('repo', 'add', 'acme', ...repository))
    return helm
  }

  test.each([
    { title: 'in the URL', address: byUrl },
    { title: 'as a password', address: byLogin },
  ])('pulls charts with the token $title, each for one download', async ({ address }) => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    await using helm = await helmWith(address(token))
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
    expectSuccess(await helm.run('pull', 'acme/acme-tool'))
    expectSuccess(await helm.run('pull', 'acme/my-app-1'))
    expect(await helm.pulled()).toEqual(['acme-tool-2.0.0.tgz', 'my-app-1-2.0.0.tgz'])
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
  })

  test('pulls a chart without adding the repository, and the signature for nothing', async () => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    await using helm = await createHelm(program)
    expectSuccess(await helm.run('pull', 'acme-tool', '--prov', '--repo', ...byLogin(token)))
    expect(await helm.pulled()).toEqual(['acme-tool-2.0.0.tgz', 'acme-tool-2.0.0.tgz.prov'])
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test('renders what it pulls', async () => {
    await using helm = await helmWith(byLogin(await gate.createToken(REPOSITORY)))
    const { code, stdout, output } = await helm.run('template', 'mine', 'acme/acme-lib')
    expect(code === 0 ? stdout : output).toContain('kind: ConfigMap')
  })

  test.each([
    { title: 'in the URL', address: byUrl, isKept: true },
    { title: 'as a password', address: byLogin, isKept: false },
  ])('fetches what a chart is in need of with the token $title', async ({ address, isKept }) => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    await using helm = await helmWith(address(token))
    const needed = `dependencies:\n- name: acme-tool\n  version: ^1.0.0\n  repository: ${address(token)[0]}\n`
    await writeFile(join(helm.folder, 'Chart.yaml'), `apiVersion: v2\nname: mine\nversion: 1.0.0\n${needed}`)
    expectSuccess(await helm.run('dependency', 'update', '.'))
    const lock = await readFile(join(helm.folder, 'Chart.lock'), 'utf8')
    expect(lock).toContain('version: 1.1.0')
    expect(lock.includes(token.token)).toBe(isKept)
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test('sees only the versions that a token may fetch, and takes the best of them', async () => {
    const token = await gate.createToken(REPOSITORY, {
      ...FAR_LIMIT,
      limit_packages: ['helm:acme-tool@^1.0'],
    })
    await using helm = await helmWith(byLogin(token))
    const { stdout } = await helm.run('search', 'repo', '--versions', '--output', 'json')
    const found = (JSON.parse(stdout) as { name: string; version: string }[]).map(
      ({ name, version }) => `${name} ${version}`,
    )
    expect(found).toEqual(['acme/acme-tool 1.1.0', 'acme/acme-tool 1.0.0'])
    expectSuccess(await helm.run('pull', 'acme/acme-tool'))
    expect(await helm.pulled()).toEqual(['acme-tool-1.1.0.tgz'])
    const { code, output } = await helm.run('pull', 'acme/acme-tool', '--version', '2.0.0')
    expect(code).not.toBe(0)
    expect(output).toMatch(/not found/)
    const direct = await helm.run('pull', `${byUrl(token)[0]}/charts/acme-tool-2.0.0.tgz`)
    expect(direct.code).not.toBe(0)
    expect(direct.output).toMatch(OUT_OF_SCOPE)
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test.each(CLOSED_TOKENS)('prints why $title is refused', async ({ fields, reason }) => {
    await using helm = await createHelm(program)
    const token = await gate.createToken(REPOSITORY, fields)
    const { code, output } = await helm.run('repo', 'add', 'acme', ...byLogin(token))
    expect(code).not.toBe(0)
    expect(output).toMatch(reason)
  })

  test('prints that the downloads of a token are used up', async () => {
    const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
    await using helm = await helmWith(byUrl(token))
    expectSuccess(await helm.run('pull', 'acme/acme-lib'))
    const { code, output } = await helm.run('pull', 'acme/acme-tool')
    expect(code).not.toBe(0)
    expect(output).toMatch(USED_UP)
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  })

  test('prints that a token in the URL is unknown', async () => {
    await using helm = await createHelm(program)
    const url = `${gate.url}/unknown-token-1/${REPOSITORY}`
    const { code, output } = await helm.run('repo', 'add', 'acme', url)
    expect(code).not.toBe(0)
    expect(output).toContain('Unknown token')
  })

  test('no secret and no credential of the client reaches the storage', async () => {
    const token = await gate.createToken(REPOSITORY)
    await using helm = await helmWith(byLogin(token))
    expectSuccess(await helm.run('pull', 'acme/acme-lib'))
    expect(storage.heard()).toContain('GET /helm/charts/acme-lib-0.1.0.tgz ')
    expect(storage.heard()).not.toContain(token.token)
    expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
  })
})

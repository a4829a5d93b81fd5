import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'
import { get } from '../support/requests.ts'

const FILES = [
  'deb/dists/stable/InRelease',
  'deb/pool/main/w/widget_1.9_amd64.deb',
  'deb/pool/main/w/widget_2.0~rc1_amd64.deb',
  'deb/pool/main/w/widget_2.0_amd64.deb',
  'deb/pool/main/w/widget_2.0_arm64.deb',
  'deb/pool/main/w/widget_2.0.dsc',
  'deb/pool/main/w/widget_current_amd64.deb',
  'deb/pool/main/i/internal_2.0_amd64.deb',
  'deb/pool/main/i/internal_2.0.dsc',
  'deb/pool/main/w/odd.deb',
  'raw/stable/tool.txt',
  'raw/stable/tool.txt.asc',
  'raw/Debug/tool.txt',
  'raw/Debug/tool.txt.asc',
]

let directory: TemporaryDirectory
let gate: Gate

beforeAll(async () => {
  directory = await temporaryDirectory('queries')
  for (const path of FILES) {
    const file = join(directory.path, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, path)
  }
  gate = await startGate({
    config: {
      repositories: {
        'acme/deb': { format: 'deb', upstream: `file:${directory.path}/deb/` },
        'acme/raw': { format: 'raw', upstream: `file:${directory.path}/raw/` },
      },
    },
  })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await directory?.remove()
})

/** Files of a folder that a token with these limits may have; the others are refused with the reason of package limits. */
async function covered(folder: 'deb' | 'raw', fields: Readonly<Record<string, unknown>>): Promise<string[]> {
  const { token } = await gate.createToken(`acme/${folder}`, fields)
  const paths = FILES.filter((path) => path.startsWith(`${folder}/`))
  const answers = await Promise.all(paths.map((path) => get(`${gate.url}/${token}/acme/${path}`)))
  const outcomes = answers.map(({ status, reason }) => (status === 200 ? 'covered' : reason))
  expect(new Set([...outcomes, 'covered', 'Package not covered by token']).size).toBe(2)
  return paths
    .filter((_, index) => outcomes[index] === 'covered')
    .map((path) => path.slice(folder.length + 1))
}

const refusal = async (field: string, query: string): Promise<unknown> => {
  const answer = await gate.admin('POST', '/entitlements/acme/deb/', { name: 'x', [field]: query })
  return [answer.status, (answer.body as { fields: Record<string, unknown> }).fields[field]]
}

describe('a query over packages', () => {
  test('opens the packages that satisfy it, what belongs to them, and the indexes', async () => {
    const query = 'name:^widget$ AND version:>=2.0 AND (architecture:amd64 OR type:source)'
    expect(await covered('deb', { limit_package_query: query })).toEqual([
      'dists/stable/InRelease',
      'pool/main/w/widget_2.0_amd64.deb',
      'pool/main/w/widget_2.0.dsc',
    ])
  })

  test('opens nothing that it can not tell, turned round or not', async () => {
    const isUpdate = await covered('deb', { limit_package_query: 'name:widget version:>1.9' })
    const isNone = await covered('deb', { limit_package_query: 'name:widget NOT version:>1.9' })
    expect([...isUpdate, ...isNone]).not.toContain('pool/main/w/widget_current_amd64.deb')
    expect([...isUpdate, ...isNone]).not.toContain('pool/main/w/odd.deb')
    expect(isNone).toContain('pool/main/w/widget_1.9_amd64.deb')
  })

  test('and rules must both allow a package', async () => {
    const fields = {
      limit_packages: ['**', '!internal'],
      limit_package_query: 'architecture:amd64 version:2.0',
    }
    expect(await covered('deb', fields)).toEqual([
      'dists/stable/InRelease',
      'pool/main/w/widget_2.0_amd64.deb',
    ])
  })

  test('follows a change at once', async () => {
    const { token, slug_perm } = await gate.createToken('acme/deb', { limit_package_query: 'name:widget' })
    const ask = async (): Promise<number> =>
      (await get(`${gate.url}/${token}/acme/deb/pool/main/w/widget_1.9_amd64.deb`)).status
    expect(await ask()).toBe(200)
    await gate.admin('PATCH', `/entitlements/acme/deb/${slug_perm}/`, { limit_package_query: 'name:~widget' })
    await expect.poll(ask).toBe(403)
  })
})

describe('a query over paths', () => {
  test('opens the files below it, and what vouches for them', async () => {
    expect(await covered('raw', { limit_path_query: '^/stable/' })).toEqual([
      'stable/tool.txt',
      'stable/tool.txt.asc',
    ])
  })

  test('can leave something out, however it is spelt', async () => {
    expect(await covered('raw', { limit_path_query: 'NOT ^/debug/' })).toEqual([
      'stable/tool.txt',
      'stable/tool.txt.asc',
    ])
  })

  test('and one over packages must both allow a file', async () => {
    const fields = { limit_path_query: '/tool', limit_package_query: 'filename:^tool.txt$ NOT name:stable' }
    expect(await covered('raw', fields)).toEqual(['Debug/tool.txt', 'Debug/tool.txt.asc'])
  })
})

test('a query that can not be judged is refused when the token is saved', async () => {
  expect(await refusal('limit_package_query', 'name:widget AND tag:latest')).toEqual([
    422,
    ['character 17: nothing in a request tells "tag" of a package'],
  ])
  expect(await refusal('limit_path_query', '/a/ OR (/b/')).toEqual([
    422,
    ['character 8: this parenthesis is not closed'],
  ])
})

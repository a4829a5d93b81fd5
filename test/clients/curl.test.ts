import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { run, temporaryDirectory, type Finished } from '../support/processes.ts'
import { rawContent, startStorage, type Storage } from '../support/repositories.ts'
import { startWiretap } from '../support/wiretap.ts'
import { CLOSED_TOKENS, downloadsOf, expectSuccess, FAR_LIMIT, USED_UP } from './entitlements.ts'

const REPOSITORY = 'acme/files'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('raw')
  const repositories = { [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** Without the `.curlrc` and `.netrc` of whoever runs the tests. */
function curl(...args: readonly string[]): Promise<Finished> {
  return run('curl', ['--disable', '--silent', '--show-error', '--fail-with-body', ...args])
}

test.each([
  { title: 'in the URL', place: 'SECRET', args: [] },
  { title: 'in the URL as conda writes it', place: 't/SECRET', args: [] },
  { title: 'as a password', place: 'basic', args: ['--user', 'token:SECRET'] },
  { title: 'as a user name', place: 'basic', args: ['--user', 'SECRET:'] },
  { title: 'as a bearer token', place: 'basic', args: ['--oauth2-bearer', 'SECRET'] },
  { title: 'as an API key', place: 'basic', args: ['--header', 'X-Api-Key: SECRET'] },
])('curl fetches a file with the token $title', async ({ place, args }) => {
  await using directory = await temporaryDirectory('curl')
  const file = join(directory.path, 'file')
  const { token } = await gate.createToken(REPOSITORY)
  const fill = (text: string): string => text.replace('SECRET', token)
  const url = `${gate.url}/${fill(place)}/${REPOSITORY}/tool/1.0/tool-1.0.bin`
  expectSuccess(await curl('--output', file, ...args.map(fill), url))
  expect(rawContent('tool/1.0/tool-1.0.bin').equals(await readFile(file))).toBe(true)
})

test('file names with spaces, plus signs and letters beyond ASCII arrive', async () => {
  await using directory = await temporaryDirectory('curl')
  const file = join(directory.path, 'file')
  const { token } = await gate.createToken(REPOSITORY)
  const url = `${gate.url}/${token}/${REPOSITORY}/tool/2.0/tool%202.0+%C3%BC.bin`
  expectSuccess(await curl('--output', file, url))
  expect(rawContent('tool/2.0/tool 2.0+ü.bin').equals(await readFile(file))).toBe(true)
})

test('curl goes on where a cut connection stopped, for one download', async () => {
  await using directory = await temporaryDirectory('curl')
  const file = join(directory.path, 'file')
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  await using wire = await startWiretap(gate.port, { cutAfterBytes: 100_000 })
  const url = `${wire.url}/${token.token}/${REPOSITORY}/large.bin`
  const cut = await curl('--output', file, url)
  expect(cut.output).toMatch(/curl: \((18|56)\)/)
  expectSuccess(await curl('--continue-at', '-', '--output', file, url))
  expect(rawContent('large.bin').equals(await readFile(file))).toBe(true)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('looking at the head of a file costs nothing', async () => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  const { output } = await curl('--head', `${gate.url}/${token.token}/${REPOSITORY}/small.bin`)
  expect(output).toMatch(/^HTTP\/1\.1 200 /)
  expect(output).toMatch(/^content-length: 1024\r$/im)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
})

test.each(CLOSED_TOKENS)('curl prints why $title is refused', async ({ fields, reason }) => {
  const { token } = await gate.createToken(REPOSITORY, fields)
  const { stdout, stderr } = await curl(`${gate.url}/${token}/${REPOSITORY}/small.bin`)
  expect(stderr).toContain('403')
  expect(stdout).toMatch(reason)
})

test('curl prints that the downloads of a token are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  const url = `${gate.url}/${token.token}/${REPOSITORY}/small.bin`
  expectSuccess(await curl('--output', '/dev/null', url))
  const { stdout, stderr } = await curl(url)
  expect(stderr).toContain('403')
  expect(stdout).toMatch(USED_UP)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('a missing file is the storage’s own 404 and costs nothing', async () => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  const { stderr } = await curl(`${gate.url}/${token.token}/${REPOSITORY}/missing.bin`)
  expect(stderr).toContain('404')
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
})

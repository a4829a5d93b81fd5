import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, type Answer } from '../support/requests.ts'
import { CLOSED_TOKENS, downloadsOf, FAR_LIMIT, OUT_OF_SCOPE, USED_UP } from './entitlements.ts'

/** No registry that the tests can reach has apk: these are the requests that its libfetch makes, as its sources tell. */

const REPOSITORY = 'acme/alpine'
const FOLDER = 'v3.20/main/x86_64'
const INDEX = `${FOLDER}/APKINDEX.tar.gz`
const PACKAGE = `${FOLDER}/acme-tool-1.2.3-r0.apk`
const OTHER = `${FOLDER}/acme-tool-2.0_rc1-r0.apk`
const FILES: Readonly<Record<string, string>> = {
  [INDEX]: 'index',
  [PACKAGE]: 'package',
  [OTHER]: 'other',
  'acme.rsa.pub': 'key',
}

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage()
  for (const [path, content] of Object.entries(FILES)) {
    await mkdir(join(storage.root, 'alpine', FOLDER), { recursive: true })
    await writeFile(join(storage.root, 'alpine', path), content)
  }
  const repositories = { [REPOSITORY]: { format: 'alpine', upstream: `${storage.url}/alpine/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

const AGENT = { 'user-agent': 'apk-tools/2.14.4' }

/** As for a line in /etc/apk/repositories with the secret in the path. */
function askByPath(secret: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return get(`${gate.url}/${secret}/${REPOSITORY}/${path}`, { headers: { ...AGENT, ...headers } })
}

/** As for a line with `https://token:SECRET@…/basic/…`, or HTTP_AUTH: credentials come with the first request. */
function askByPassword(secret: string, path: string): Promise<Answer> {
  const authorization = `Basic ${Buffer.from(`token:${secret}`).toString('base64')}`
  return get(`${gate.url}/basic/${REPOSITORY}/${path}`, { headers: { ...AGENT, authorization } })
}

test.each([
  { title: 'in the URL', ask: askByPath },
  { title: 'as a password', ask: askByPassword },
])(
  'apk gets index, key and package with the token $title; only the package costs a download',
  async ({ ask }) => {
    const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
    for (const path of [INDEX, 'acme.rsa.pub', PACKAGE]) {
      const { status, body } = await ask(token.token, path)
      expect([status, body.toString()]).toEqual([200, FILES[path]])
    }
    expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  },
)

test('apk update is told that the index is as it was', async () => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  const { headers } = await askByPath(token.token, INDEX)
  const since = String(headers['last-modified'])
  expect((await askByPath(token.token, INDEX, { 'if-modified-since': since })).status).toBe(304)
})

test('a token for some versions gets these and the whole index, which is signed', async () => {
  const token = await gate.createToken(REPOSITORY, {
    ...FAR_LIMIT,
    limit_packages: ['alpine:acme-tool@<2_alpha'],
  })
  expect((await askByPath(token.token, INDEX)).body.toString()).toBe('index')
  expect((await askByPath(token.token, PACKAGE)).status).toBe(200)
  const refused = await askByPath(token.token, OTHER)
  expect([refused.status, refused.reason]).toEqual([403, expect.stringMatching(OUT_OF_SCOPE)])
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test.each(CLOSED_TOKENS)(
  '$title is refused the index with a 403, which apk prints as "Permission denied"',
  async ({ fields, reason }) => {
    const { token } = await gate.createToken(REPOSITORY, fields)
    const refused = await askByPassword(token, INDEX)
    expect([refused.status, refused.reason]).toEqual([403, expect.stringMatching(reason)])
  },
)

test('a used-up token is refused, and not with what apk would try again', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  expect((await askByPath(token.token, PACKAGE)).status).toBe(200)
  const refused = await askByPath(token.token, OTHER)
  expect([refused.status, refused.reason]).toEqual([403, expect.stringMatching(USED_UP)])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { zstdDecompressSync } from 'node:zlib'
import { solveConda, type Solved } from '../support/conda.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, type Answer } from '../support/requests.ts'
import { CLOSED_TOKENS, downloadsOf, FAR_LIMIT, OUT_OF_SCOPE, USED_UP } from './entitlements.ts'

const REPOSITORY = 'acme/conda'

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('conda')
  const repositories = { [REPOSITORY]: { format: 'conda', upstream: `${storage.url}/conda/` } } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** As conda writes tokens into the URL of a channel. */
function channelOf({ token }: GateToken): string {
  return `${gate.url}/t/${token}/${REPOSITORY}`
}

function namesIn({ packages, error }: Solved): string[] {
  return error === undefined
    ? packages.map((each) => `${each.packageName} ${each.version}`).toSorted()
    : [error]
}

const AGENT = { 'user-agent': 'conda/24.7.1 requests/2.32.3 CPython/3.12.4 Linux/6.1 debian/12 glibc/2.36' }

/** For a channel with user and password; conda sends them with the first request. */
function askByPassword({ token }: GateToken, path: string): Promise<Answer> {
  const authorization = `Basic ${Buffer.from(`token:${token}`).toString('base64')}`
  return get(`${gate.url}/basic/${REPOSITORY}/${path}`, { headers: { ...AGENT, authorization } })
}

test('a solver finds packages through /t/TOKEN, and each costs one download', async () => {
  const token = await gate.createToken(REPOSITORY, FAR_LIMIT)
  const solved = await solveConda(channelOf(token), 'acme-tool <2a0')
  expect(namesIn(solved)).toEqual(['acme-lib 0.1', 'acme-tool 1.1.0'])
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
  for (const { url } of solved.packages) {
    expect(url.startsWith(`${channelOf(token)}/noarch/`)).toBe(true)
    expect((await get(url)).status).toBe(200)
  }
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(2)
})

test('a solver sees only what a token may fetch, and takes the best of it', async () => {
  const rules = ['conda:Acme-Tool@<1.1', 'acme-lib']
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: rules })
  expect(namesIn(await solveConda(channelOf(token), 'acme-tool'))).toEqual([
    'acme-lib 0.1',
    'acme-tool 1.0.0',
  ])
  const refused = await get(`${channelOf(token)}/noarch/acme-tool-1.1.0-0.tar.bz2`, { headers: AGENT })
  expect([refused.status, refused.reason]).toEqual([403, expect.stringMatching(OUT_OF_SCOPE)])
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
})

test('a token that covers nothing of a platform sees an empty channel and no error', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_packages: ['other'] })
  const { error } = await solveConda(channelOf(token), 'acme-tool')
  expect(error).toMatch(/acme-tool/)
  expect(error).not.toMatch(/40[0-9]/)
})

test('indexes with credentials are what they are with the token in the URL', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR_LIMIT, limit_packages: ['acme-tool@1.0.0'] })
  const [plain, packed] = [
    await askByPassword(token, 'noarch/repodata.json'),
    await askByPassword(token, 'noarch/repodata.json.zst'),
  ]
  expect(zstdDecompressSync(packed.body).equals(plain.body)).toBe(true)
  const { packages } = JSON.parse(plain.body.toString()) as { packages: object }
  expect(Object.keys(packages)).toEqual(['acme-tool-1.0.0-0.tar.bz2'])
  expect((await askByPassword(token, 'noarch/acme-tool-1.0.0-0.tar.bz2')).status).toBe(200)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('forms of an index that can not be cut down are not there, whoever asks', async () => {
  const token = await gate.createToken(REPOSITORY)
  for (const name of ['repodata.json.bz2', 'repodata.jlap', 'repodata_shards.msgpack.zst'])
    expect((await get(`${channelOf(token)}/noarch/${name}`)).status).toBe(404)
})

test('conda asks again for an index that it has and is told so', async () => {
  const token = await gate.createToken(REPOSITORY)
  const url = `${channelOf(token)}/noarch/repodata.json`
  const head = await get(`${url}.zst`, { method: 'HEAD', headers: AGENT })
  expect([head.status, head.body.length]).toEqual([200, 0])
  const { headers } = await get(url, { headers: AGENT })
  const again = await get(url, { headers: { ...AGENT, 'if-none-match': String(headers['etag']) } })
  expect(again.status).toBe(304)
})

test.each(CLOSED_TOKENS)('for $title the whole channel is refused, in words', async ({ fields, reason }) => {
  const token = await gate.createToken(REPOSITORY, fields)
  const { error } = await solveConda(channelOf(token), 'acme-tool')
  expect(error).toMatch(/403/)
  const refused = await get(`${channelOf(token)}/noarch/repodata.json`, { headers: AGENT })
  expect([refused.status, refused.reason]).toEqual([403, expect.stringMatching(reason)])
})

test('the reason phrase, which conda prints, says that downloads are used up', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  expect((await get(`${channelOf(token)}/noarch/acme-lib-0.1-0.tar.bz2`)).status).toBe(200)
  const refused = await get(`${channelOf(token)}/noarch/acme-tool-1.0.0-0.tar.bz2`)
  expect([refused.status, refused.reason]).toEqual([403, expect.stringMatching(USED_UP)])
})

test('no secret and no credential of the client reaches the storage', async () => {
  const token = await gate.createToken(REPOSITORY)
  await askByPassword(token, 'noarch/repodata.json')
  await solveConda(channelOf(token), 'acme-tool')
  expect(storage.heard()).toContain('/conda/noarch/repodata.json')
  expect(storage.heard()).not.toContain(token.token)
  expect(storage.heard()).not.toMatch(/^(proxy-)?authorization:/im)
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROTOCOLS, startGate, type Gate, type GateToken } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, type Answer } from '../support/requests.ts'

const FILES = 'acme/files'

describe.each(PROTOCOLS)('over %s', (protocol) => {
  let storage: Storage
  let gate: Gate
  let token: GateToken

  beforeAll(async () => {
    storage = await startStorage('raw')
    const upstream = `${storage.url}/raw/`
    gate = await startGate({
      protocol,
      config: {
        hosts: { 'files.example.com': FILES, 'packages.example.com': 'acme' },
        repositories: {
          [FILES]: { format: 'raw', upstream },
          'acme/free': { format: 'raw', upstream, public: true },
          'other/files': { format: 'raw', upstream },
          'acme/down': { format: 'raw', upstream: 'http://127.0.0.1:9/' },
        },
      },
    })
    token = await gate.createToken(FILES, { limit_num_downloads: 1_000 })
  })
  afterAll(async () => {
    await gate?.[Symbol.asyncDispose]()
    await storage?.[Symbol.asyncDispose]()
  })

  /** HTTP/2 has no place for it. */
  const phrase = (reason: string): string => (protocol === 'h2' ? '' : reason)
  const ask = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    get(gate.url + path, { headers })
  const basic = (user: string, password: string): Record<string, string> => ({
    Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  })
  const problemOf = ({ body }: Answer): Record<string, unknown> =>
    JSON.parse(body.toString()) as Record<string, unknown>
  const downloads = async (of = token): Promise<number> =>
    (await gate.readToken(FILES, of.slug_perm)).downloads

  describe('who asks without a token', () => {
    test('is challenged at /basic/, whether the repository exists or not', async () => {
      for (const repository of [FILES, 'acme/free', 'acme/nothing', 'nobody/nothing']) {
        const answer = await ask(`/basic/${repository}/small.bin`)
        expect(answer.status).toBe(401)
        expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/)
        expect(answer.body.length).toBeLessThan(100)
      }
    })

    test('reads public repositories at /public/ and no other', async () => {
      expect((await ask('/public/acme/free/small.bin')).status).toBe(200)
      const [hidden, missing] = [
        await ask(`/public/${FILES}/small.bin`),
        await ask('/public/acme/nothing/small.bin'),
      ]
      expect([hidden.status, missing.status]).toEqual([403, 403])
      expect(hidden.body).toEqual(missing.body)
    })
  })

  describe('an unknown secret', () => {
    test('in the path is a 403 without a challenge', async () => {
      const answer = await ask(`/never-issued-0815/${FILES}/small.bin`)
      expect([answer.status, answer.reason]).toEqual([403, phrase('Unknown token')])
      expect(answer.headers['www-authenticate']).toBeUndefined()
    })

    test('in a header is a 401 with a challenge', async () => {
      const answer = await ask(`/basic/${FILES}/small.bin`, basic('token', 'never-issued-0815'))
      expect([answer.status, answer.reason]).toEqual([401, phrase('Unknown token')])
    })

    test('learns nothing of what exists', async () => {
      const answers = await Promise.all(
        [`${FILES}/small.bin`, `${FILES}/missing.bin`, 'acme/nothing/small.bin', 'nobody/x/'].map((path) =>
          ask(`/never-issued-0815/${path}`),
        ),
      )
      expect(new Set(answers.map(({ status, body }) => `${status} ${body.toString()}`)).size).toBe(1)
    })
  })

  describe('a token', () => {
    test('of one repository does not open another, nor tell whether it exists', async () => {
      const [existing, missing] = [
        await ask(`/${token.token}/other/files/small.bin`),
        await ask(`/${token.token}/other/nothing/x`),
      ]
      expect([existing.status, existing.reason]).toEqual([403, phrase('Repository not covered by token')])
      expect(missing.body).toEqual(existing.body)
    })

    test('in the path wins over a header', async () => {
      const answer = await ask(`/${token.token}/${FILES}/small.bin`, basic('netrc', 'something-else'))
      expect(answer.status).toBe(200)
      expect((await ask(`/never-issued-0815/${FILES}/small.bin`, basic('token', token.token))).status).toBe(
        403,
      )
    })

    test('for many repositories opens those its globs name', async () => {
      const many = await gate.createToken(FILES, { repositories: ['acme/f*'] })
      expect((await ask(`/${many.token}/${FILES}/small.bin`)).status).toBe(200)
      expect((await ask(`/${many.token}/acme/free/small.bin`)).status).toBe(200)
      expect((await ask(`/${many.token}/acme/down/small.bin`)).status).toBe(403)
      expect((await ask(`/${many.token}/acme/future/small.bin`)).status).toBe(404)
    })

    test('with an empty list of packages, or of repositories, opens nothing', async () => {
      for (const fields of [{ limit_packages: [] }, { repositories: [] }]) {
        const { token: secret } = await gate.createToken(FILES, fields)
        expect((await ask(`/${secret}/${FILES}/small.bin`)).status).toBe(403)
      }
    })
  })

  describe('a host of its own', () => {
    test.each([
      ['files.example.com', (secret: string) => `/${secret}/small.bin`],
      ['FILES.example.com:8080', (secret: string) => `/${secret}/small.bin`],
      ['packages.example.com', (secret: string) => `/${secret}/files/small.bin`],
    ])('%s leaves its part of the URL out', async (host, path) => {
      expect((await ask(path(token.token), { Host: host })).status).toBe(200)
    })

    test('does not serve what lies elsewhere', async () => {
      expect((await ask(`/${token.token}/${FILES}/small.bin`, { Host: 'files.example.com' })).status).toBe(
        404,
      )
    })
  })

  describe('a storage that is down', () => {
    test('is a 502 at once, costs nothing and names no address', async () => {
      const all = await gate.createToken('acme/down', { limit_num_downloads: 5 })
      const answer = await ask(`/${all.token}/acme/down/small.bin`)
      expect([answer.status, answer.reason]).toEqual([502, phrase('Storage failed')])
      expect(answer.body.toString()).not.toContain('127.0.0.1')
      expect((await gate.readToken('acme/down', all.slug_perm)).downloads).toBe(0)
    })
  })

  describe('what is free', () => {
    test.each<[string, string, Record<string, string>, number]>([
      ['HEAD', 'HEAD', {}, 200],
      ['a range that can not be had', 'GET', { Range: 'bytes=99999-' }, 416],
    ])('%s', async (_, method, headers, status) => {
      const before = await downloads()
      const answer = await get(`${gate.url}/${token.token}/${FILES}/small.bin`, { method, headers })
      expect(answer.status).toBe(status)
      expect(await downloads()).toBe(before)
    })

    test('a file that has not changed', async () => {
      const before = await downloads()
      const url = `${gate.url}/${token.token}/${FILES}/small.bin`
      const { headers } = await get(url, { method: 'HEAD' })
      const since = String(headers['last-modified'])
      expect((await get(url, { headers: { 'If-Modified-Since': since } })).status).toBe(304)
      expect(await downloads()).toBe(before)
    })

    test('a missing file', async () => {
      const before = await downloads()
      expect((await ask(`/${token.token}/${FILES}/missing.bin`)).status).toBe(404)
      expect(await downloads()).toBe(before)
    })
  })

  describe('answers', () => {
    test('of a token are kept from shared caches', async () => {
      expect((await ask(`/${token.token}/${FILES}/small.bin`)).headers['cache-control']).toContain('private')
    })

    test('that refuse are a problem document whose parts each client knows', async () => {
      const problem = problemOf(await ask(`/never-issued-0815/${FILES}/x`))
      expect(problem).toMatchObject({ status: 403, code: 'token_unknown', title: 'Unknown token' })
      expect(problem['error']).toBe(problem['message'])
    })

    test('never repeat the secret', async () => {
      for (const path of [
        `/${token.token}/other/files/x`,
        `/${token.token}/${FILES}/..%2fx`,
        `/${token.token}/${FILES}/missing`,
      ]) {
        const answer = await ask(path)
        expect(answer.status).toBeGreaterThanOrEqual(400)
        expect(JSON.stringify(answer.headers) + answer.body.toString()).not.toContain(token.token)
      }
    })
  })

  test('neither log nor metrics hold a secret, whatever way it came', async () => {
    await ask(`/${token.token}/${FILES}/small.bin`)
    await ask(`/${token.token}/${FILES}/..%2fsmall.bin`)
    await ask(`/basic/${FILES}/small.bin`, basic('token', token.token))
    await ask(`/basic/${FILES}/small.bin`, { 'X-Api-Key': token.token, 'User-Agent': 'curl/8' })
    await expect.poll(() => gate.output()).toContain('curl/8')
    const metrics = await (await fetch(`${gate.adminUrl}/metrics`)).text()
    expect(metrics).toContain(token.slug_perm)
    expect(gate.output()).toContain(token.slug_perm)
    expect(gate.output() + metrics).not.toContain(token.token)
  })
})

import { ulid } from 'ulid'
import { describe, expect, test } from 'vitest'
import { FULL_KEY } from '../../../src/store/stored-key.ts'
import { IDLE_MS, KEY, MAX_MS, TOKENS, startApi, type Answered, type Api } from '../api.ts'

const CONSOLE = { 'X-Postern-Console': '1' }
const SESSION = '/console/session/'
const START = Date.UTC(2030, 0, 1)

/** Signs in and gives the cookie back. */
async function signIn(api: Api, key = KEY, headers: Record<string, string> = {}): Promise<string> {
  const answer = await api.send(SESSION, {
    method: 'POST',
    headers: { ...CONSOLE, 'X-Api-Key': key, ...headers },
  })
  expect(answer.status).toBe(204)
  return cookieOf(answer) ?? ''
}

/** `name=value` of what an answer sets. */
function cookieOf({ headers }: Answered): string | undefined {
  return headers.getSetCookie()[0]?.split(';')[0]
}

const ask = (api: Api, cookie: string, path = TOKENS): Promise<Answered> =>
  api.send(path, { headers: { ...CONSOLE, Cookie: cookie } })

describe('signing in', () => {
  test('sets a cookie that no script can read and no other site can send', async () => {
    await using api = await startApi()
    const answer = await api.send(SESSION, { method: 'POST', headers: { ...CONSOLE, 'X-Api-Key': KEY } })
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(/^postern_session=[\w-]+; Max-Age=1800; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain(KEY)
  })

  test('by HTTPS sets one that never travels otherwise', async () => {
    await using api = await startApi()
    const headers = { ...CONSOLE, 'X-Api-Key': KEY, Origin: `https://127.0.0.1:${api.port}` }
    const answer = await api.send(SESSION, { method: 'POST', headers })
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-postern_session=.*; Path=\/; .*; Secure$/)
    expect((await ask(api, cookieOf(answer) ?? '')).status).toBe(200)
  })

  test('with a wrong key sets none, and makes no browser ask for a password', async () => {
    await using api = await startApi()
    const answer = await api.send(SESSION, { method: 'POST', headers: { ...CONSOLE, 'X-Api-Key': 'wrong' } })
    expect(answer.status).toBe(401)
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(answer.headers.get('www-authenticate')).toBeNull()
  })

  test('is slowed down for who guesses, as everywhere', async () => {
    await using api = await startApi()
    const guess = (key: string): Promise<Answered> =>
      api.send(SESSION, { method: 'POST', headers: { ...CONSOLE, 'X-Api-Key': key } })
    for (let i = 0; i < 10; i++) expect((await guess(`wrong ${i}`)).status).toBe(401)
    const { status, headers } = await guess(KEY)
    expect(status).toBe(429)
    expect(headers.getSetCookie()).toEqual([])
  })

  test('is nothing that a session can do, or it would have no end', async () => {
    await using api = await startApi()
    const cookie = await signIn(api)
    const answer = await api.send(SESSION, { method: 'POST', headers: { ...CONSOLE, Cookie: cookie } })
    expect(answer.status).toBe(401)
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

describe('a session', () => {
  test('may do what its key may, and is named as the key in the audit log', async () => {
    await using api = await startApi()
    const cookie = await signIn(api)
    const headers = { ...CONSOLE, Cookie: cookie, 'Content-Type': 'application/json' }
    const made = await api.send(TOKENS, {
      method: 'POST',
      headers,
      body: JSON.stringify({ name: 'By hand' }),
    })
    expect(made.status).toBe(201)
    const { body } = await api.call('GET', '/audit-log/acme/stable/')
    expect(body).toMatchObject([{ event: 'repo.entitlement.created', actor: 'Operations' }])
  })

  test('may do no more than its key', async () => {
    await using api = await startApi()
    const viewer = { ...FULL_KEY, role: 'viewer', name: 'viewer', id: ulid(), createdAt: START }
    await api.store.keys.create({ ...viewer, digest: api.keeper.digest('a key that may look only') })
    const cookie = await signIn(api, 'a key that may look only')
    const headers = { ...CONSOLE, Cookie: cookie, 'Content-Type': 'application/json' }
    const answer = await api.send(TOKENS, { method: 'POST', headers, body: JSON.stringify({ name: 'No' }) })
    expect(answer.status).toBe(403)
  })

  test('changes nothing without the header that only the console can add', async () => {
    await using api = await startApi()
    const { slug_perm } = await api.create()
    const cookie = await signIn(api)
    for (const headers of [{}, { Origin: api.url }, { 'Sec-Fetch-Site': 'same-origin' }]) {
      const answer = await api.send(`${TOKENS}${slug_perm}/`, {
        method: 'DELETE',
        headers: { ...headers, Cookie: cookie },
      })
      expect(answer.status).toBe(403)
      expect(answer.body).toMatchObject({ code: 'cross_site' })
    }
    expect((await api.call('GET', `${TOKENS}${slug_perm}/`)).status).toBe(200)
  })

  test.each([
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'http://evil.example' },
  ])('changes nothing for a page of another origin: %j', async (headers) => {
    await using api = await startApi()
    const { slug_perm } = await api.create()
    const cookie = await signIn(api)
    const answer = await api.send(`${TOKENS}${slug_perm}/disable/`, {
      method: 'POST',
      headers: { ...CONSOLE, ...headers, Cookie: cookie },
    })
    expect(answer.status).toBe(403)
    expect(await api.read(slug_perm)).toMatchObject({ is_active: true })
  })

  test('ends with the very next request when its key is revoked', async () => {
    await using api = await startApi()
    const cookie = await signIn(api)
    expect((await ask(api, cookie)).status).toBe(200)
    const key = await api.store.keys.find(api.keeper.digest(KEY))
    await api.store.keys.revoke(key?.id ?? '', START, 'test')
    const answer = await ask(api, cookie)
    expect(answer.status).toBe(401)
    expect(answer.body).toMatchObject({ code: 'session_ended' })
  })

  test('ends when its key expires', async () => {
    await using api = await startApi()
    const expiresAt = START + 60_000
    const digest = api.keeper.digest('a key for a minute')
    await api.store.keys.create({
      ...FULL_KEY,
      name: 'short',
      id: ulid(),
      createdAt: START,
      digest,
      expiresAt,
    })
    const cookie = await signIn(api, 'a key for a minute')
    api.setNow(expiresAt - 1)
    expect((await ask(api, cookie)).status).toBe(200)
    api.setNow(expiresAt)
    expect((await ask(api, cookie)).status).toBe(401)
  })

  test('ends when it is not used, to the instant', async () => {
    await using api = await startApi()
    const cookie = await signIn(api)
    api.setNow(START + IDLE_MS - 1)
    expect((await ask(api, cookie)).status).toBe(200)
    api.setNow(START + IDLE_MS)
    expect((await ask(api, cookie)).status).toBe(401)
  })

  test('goes on while it is used, and ends all the same', async () => {
    await using api = await startApi()
    let cookie = await signIn(api)
    const step = IDLE_MS / 2
    for (let at = START + step; at < START + MAX_MS; at += step) {
      api.setNow(at)
      const answer = await ask(api, cookie)
      expect(answer.status).toBe(200)
      cookie = cookieOf(answer) ?? cookie
    }
    api.setNow(START + MAX_MS)
    expect((await ask(api, cookie)).status).toBe(401)
  })

  test('is not written anew with each request', async () => {
    await using api = await startApi()
    const cookie = await signIn(api)
    api.setNow(START + 1_000)
    expect((await ask(api, cookie)).headers.getSetCookie()).toEqual([])
  })

  test('that was signed out works no longer, also for who copied its cookie', async () => {
    await using api = await startApi()
    const cookie = await signIn(api)
    const out = await api.send(SESSION, { method: 'DELETE', headers: { ...CONSOLE, Cookie: cookie } })
    expect(out.status).toBe(204)
    expect(out.headers.getSetCookie()[0]).toMatch(/^postern_session=; Max-Age=0;/)
    expect((await ask(api, cookie)).status).toBe(401)
  })

  test('of which a character was changed is none', async () => {
    await using api = await startApi()
    const cookie = await signIn(api)
    const at = cookie.length - 5
    const other = cookie[at] === 'A' ? 'B' : 'A'
    expect((await ask(api, cookie.slice(0, at) + other + cookie.slice(at + 1))).status).toBe(401)
  })

  test('can’t be made of a sealed secret of a token', async () => {
    await using api = await startApi()
    const digest = api.keeper.digest(KEY)
    const forged = {
      id: 'x',
      subject: { kind: 'key', digest },
      startedAt: START,
      seenAt: START,
      isSecure: false,
    }
    const cookie = `postern_session=${api.keeper.seal(JSON.stringify(forged))}`
    expect((await ask(api, cookie)).status).toBe(401)
  })

  test('gives way to a key in a header', async () => {
    await using api = await startApi()
    const cookie = await signIn(api)
    const headers = { ...CONSOLE, Cookie: cookie, 'X-Api-Key': 'wrong' }
    expect((await api.send(TOKENS, { headers })).status).toBe(401)
  })

  test('that has ended counts as no guess', async () => {
    await using api = await startApi()
    for (let i = 0; i < 20; i++) expect((await ask(api, 'postern_session=old')).status).toBe(401)
    expect((await api.call('GET', TOKENS)).status).toBe(200)
  })
})

import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateToken } from '../../support/gate.ts'
import { get } from '../../support/requests.ts'
import { startEulaScene, TERMS, type EulaScene } from './scene.ts'

describe.each(['sqlite', 'redis'] as const)('with %s', (store) => {
  let scene: EulaScene

  beforeAll(async () => {
    scene = await startEulaScene(store)
  })

  afterAll(() => scene?.[Symbol.asyncDispose]())

  const newToken = (repository: string, fields: Readonly<Record<string, unknown>> = {}): Promise<GateToken> =>
    scene.gate.createToken(repository, fields)

  const statusOf = async (token: GateToken, repository: string): Promise<number> =>
    (await get(scene.urlOf(token, `${repository}/tool-1.0.txt`))).status

  /** As curl sends it. */
  const post = (
    url: string,
    body: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> =>
    send(url, body, {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'curl/8',
      ...headers,
    })

  const accept = (token: GateToken, repository: string, revision = 2): Promise<Response> =>
    post(scene.urlOf(token, `${repository}/eula`), `revision=${revision}`)

  const jsonOf = async (token: GateToken, repository: string): Promise<Record<string, unknown>> => {
    const { body } = await get(scene.urlOf(token, `${repository}/?format=json`))
    return JSON.parse(body.toString()) as Record<string, unknown>
  }

  const auditOf = async ({ slug_perm }: GateToken): Promise<readonly Record<string, unknown>[]> => {
    const { body } = await scene.gate.admin('GET', `/audit-log/acme/?object=${slug_perm}`)
    return body as Record<string, unknown>[]
  }

  test('nothing is delivered until it is accepted, and the answer says where, without the secret', async () => {
    const token = await newToken('acme/marked', { eula_required: true, limit_num_downloads: 5 })
    const refused = await get(scene.urlOf(token, 'acme/marked/tool-1.0.txt'))
    expect([refused.status, refused.reason]).toEqual([403, 'EULA not accepted'])
    expect(JSON.parse(refused.body.toString())).toMatchObject({
      code: 'eula_not_accepted',
      detail: `Revision 2 of the license agreement of this repository has to be accepted first: ${scene.gate.url}/basic/acme/marked/`,
    })
    expect(refused.body.toString()).not.toContain(token.token)
    const answer = await accept(token, 'acme/marked')
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { repository: 'acme/marked', revision: 2, accepted_at: expect.stringMatching(/^20.*Z$/) },
    ])
    await expect.poll(() => statusOf(token, 'acme/marked')).toBe(200)
    expect(await scene.gate.readToken('acme/marked', token.slug_perm)).toMatchObject({
      downloads: 1,
      eula_required: true,
      eula_accepted: { identifier: null, number: 2 },
      eula_accepted_from: '127.0.0.1',
    })
  })

  test('it is asked for of marked tokens, or of all, and nowhere else', async () => {
    const [marked, plain] = [
      await newToken('acme/marked', { eula_required: true, repositories: ['acme/*'] }),
      await newToken('acme/marked', { repositories: ['acme/*'] }),
    ]
    const all = (token: GateToken): Promise<number[]> =>
      Promise.all(['acme/marked', 'acme/all', 'acme/none'].map((each) => statusOf(token, each)))
    expect(await all(marked)).toEqual([403, 403, 200])
    expect(await all(plain)).toEqual([200, 403, 200])
    await accept(marked, 'acme/all')
    await expect.poll(() => all(marked)).toEqual([403, 200, 200])
  })

  test('a new revision asks again, and what was accepted is told', async () => {
    const token = await newToken('acme/all')
    await accept(token, 'acme/all')
    await expect.poll(() => statusOf(token, 'acme/all')).toBe(200)
    await scene.revise('acme/all', 3)
    await expect.poll(async () => (await jsonOf(token, 'acme/all'))['state']).toBe('eula_not_accepted')
    expect(await jsonOf(token, 'acme/all')).toMatchObject({
      packages: null,
      eula: {
        revision: 3,
        is_accepted: false,
        accepted_revision: 2,
        url: 'https://acme.example/eula',
        text: TERMS,
      },
    })
    // Each worker has it by now, or will in a moment.
    await expect.poll(async () => (await accept(token, 'acme/all', 3)).status).toBe(200)
    await expect.poll(() => statusOf(token, 'acme/all')).toBe(200)
    await scene.revise('acme/all', 2)
    await expect.poll(async () => (await jsonOf(token, 'acme/all'))['eula']).toMatchObject({ revision: 2 })
    expect(await statusOf(token, 'acme/all')).toBe(200)
  })

  test('who accepted is on record, once, however often it is done', async () => {
    const token = await newToken('acme/all')
    const answers = await Promise.all(Array.from({ length: 8 }, () => accept(token, 'acme/all')))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
    const accepted = (await auditOf(token)).filter(({ event }) => event === 'repo.entitlement.eula_accepted')
    expect(accepted).toHaveLength(1)
    expect(accepted[0]).toMatchObject({
      actor: token.name,
      actor_kind: 'customer',
      actor_slug_perm: token.slug_perm,
      actor_ip_address: '127.0.0.1',
      context: 'customer',
      user_agent: 'curl/8',
      changes: {
        eula_acceptances: { before: {}, after: { 'acme/all': { revision: 2, address: '127.0.0.1' } } },
      },
    })
  })

  test('acceptances for two repositories at once are both kept', async () => {
    const token = await newToken('acme/marked', { eula_required: true, repositories: ['acme/*'] })
    await Promise.all(['acme/marked', 'acme/all'].map((each) => accept(token, each)))
    const { body } = await scene.gate.admin('GET', `/entitlements/acme/marked/${token.slug_perm}/eula/`)
    expect((body as { repository: string }[]).map(({ repository }) => repository).toSorted()).toEqual([
      'acme/all',
      'acme/marked',
    ])
  })

  test('the vendor withdraws it, and the customer is asked again', async () => {
    const token = await newToken('acme/all')
    await accept(token, 'acme/all')
    await expect.poll(() => statusOf(token, 'acme/all')).toBe(200)
    const path = `/entitlements/acme/all/${token.slug_perm}/eula/`
    expect((await scene.gate.admin('DELETE', `${path}?repository=acme/none`)).status).toBe(204)
    expect((await scene.gate.admin('DELETE', `${path}?repository=acme`)).status).toBe(422)
    expect((await scene.gate.admin('GET', path)).body).toHaveLength(1)
    expect((await scene.gate.admin('DELETE', path)).status).toBe(204)
    await expect.poll(() => statusOf(token, 'acme/all')).toBe(403)
    expect((await scene.gate.admin('GET', path)).body).toEqual([])
    expect((await auditOf(token)).map(({ event }) => event)).toContain('repo.entitlement.eula_withdrawn')
  })

  describe('a browser', () => {
    const BROWSER = { accept: 'text/html', origin: 'null', 'sec-fetch-site': 'same-origin' }

    const nonceIn = async (token: GateToken, repository: string): Promise<string> => {
      const page = await get(scene.urlOf(token, `${repository}/?format=html`))
      return /name="nonce" value="([^"]+)"/.exec(page.body.toString())?.[1] ?? ''
    }

    test('reads the words as text, accepts by the form, and is led back', async () => {
      const token = await newToken('acme/all')
      const page = (await get(scene.urlOf(token, 'acme/all/?format=html'))).body.toString()
      expect(page).toContain('You may run &lt;b&gt;it&lt;/b&gt;.')
      expect(page).toContain('<form method="post" action="./eula">')
      expect(page).not.toContain('Set up your tools')
      const body = `revision=2&nonce=${encodeURIComponent(await nonceIn(token, 'acme/all'))}`
      const answer = await post(scene.urlOf(token, 'acme/all/eula'), body, BROWSER)
      expect([answer.status, answer.headers.get('location')]).toEqual([303, './'])
      await expect
        .poll(async () => (await get(scene.urlOf(token, 'acme/all/?format=html'))).body.toString())
        .toContain('Revision 2 was accepted at ')
    })

    test('is refused without what only the page has: no other site can accept for it', async () => {
      const [own, other] = [await newToken('acme/all'), await newToken('acme/all')]
      const foreign = encodeURIComponent(await nonceIn(other, 'acme/all'))
      for (const [body, headers] of [
        ['revision=2', BROWSER],
        ['revision=2&nonce=', { ...BROWSER, 'sec-fetch-site': 'cross-site' }],
        [`revision=2&nonce=${foreign}`, BROWSER],
        ['revision=2', { origin: 'https://evil.example' }],
        ['revision=2', { 'sec-fetch-site': 'cross-site' }],
      ] as const) {
        const answer = await post(scene.urlOf(own, 'acme/all/eula'), body, headers)
        expect([body, headers, answer.status]).toEqual([body, headers, 400])
      }
      expect(await statusOf(own, 'acme/all')).toBe(403)
    })
  })

  describe('what is no acceptance changes nothing', () => {
    let token: GateToken
    beforeAll(async () => {
      token = await newToken('acme/all', { repositories: ['acme/*'] })
    })

    test.each([
      ['no revision', '', 400],
      ['a revision that is no number', 'revision=two', 400],
      ['another revision', 'revision=1', 400],
      ['one to come', 'revision=99', 400],
      ['too much', `revision=2&x=${'x'.repeat(5_000)}`, 400],
    ])('%s', async (_, body, status) => {
      expect((await post(scene.urlOf(token, 'acme/all/eula'), body)).status).toBe(status)
      expect(await statusOf(token, 'acme/all')).toBe(403)
    })

    test('a body that is no form', async () => {
      const url = scene.urlOf(token, 'acme/all/eula')
      expect((await post(url, '{"revision":2}', { 'content-type': 'application/json' })).status).toBe(400)
    })

    test('any other path, method or repository', async () => {
      const asked = await Promise.all([
        post(scene.urlOf(token, 'acme/all/'), 'revision=2'),
        post(scene.urlOf(token, 'acme/all/eula/'), 'revision=2'),
        post(scene.urlOf(token, 'acme/all/tool-1.0.txt'), 'revision=2'),
        post(scene.urlOf(token, 'acme/none/eula'), 'revision=2'),
        fetch(scene.urlOf(token, 'acme/all/eula'), { method: 'PUT', body: 'revision=2' }),
      ])
      expect(asked.map(({ status }) => status)).toEqual([405, 405, 405, 405, 405])
    })

    test('somebody without a token, or with one that does not work', async () => {
      const closed = await newToken('acme/all', { is_active: false })
      const asked = await Promise.all([
        post(`${scene.gate.url}/basic/acme/all/eula`, 'revision=2'),
        post(`${scene.gate.url}/abcdefgh12345678/acme/all/eula`, 'revision=2'),
        post(`${scene.gate.url}/abcdefgh12345678/acme/nowhere/eula`, 'revision=2'),
        post(`${scene.gate.url}/public/acme/all/eula`, 'revision=2'),
        accept(closed, 'acme/all'),
      ])
      expect(asked.map(({ status }) => status)).toEqual([401, 403, 403, 405, 403])
    })

    test('a file that is called so is read as before', async () => {
      const plain = await newToken('acme/none')
      expect((await get(scene.urlOf(plain, 'acme/none/eula'))).status).toBe(404)
    })
  })

  test('a script accepts with the token as its password', async () => {
    const token = await newToken('acme/all')
    const authorization = `Basic ${btoa(`token:${token.token}`)}`
    const answer = await post(`${scene.gate.url}/basic/acme/all/eula`, 'revision=2', { authorization })
    expect(answer.status).toBe(200)
    await expect.poll(() => statusOf(token, 'acme/all')).toBe(200)
  })

  test('no line of the log has a secret', () => {
    expect(scene.gate.output()).not.toMatch(/ptkn?[A-Za-z0-9]{20}/)
  })
})

/** Without what `fetch` adds of itself: it is no browser, and says it is one. */
async function send(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const asked = request(
    url,
    { method: 'POST', headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) } },
    (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const given = Object.entries(answer.headers).map(
          ([name, value]) => [name, String(value)] as [string, string],
        )
        const text = Buffer.concat(chunks)
        resolve(
          new Response(text.length === 0 ? null : text, { status: answer.statusCode ?? 0, headers: given }),
        )
      })
    },
  )
  asked.once('error', reject)
  asked.end(body)
  return promise
}

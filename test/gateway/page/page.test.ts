import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateToken } from '../../support/gate.ts'
import { get } from '../../support/requests.ts'
import { BROWSER, startPageScene, type PageScene } from './scene.ts'

/** The page that customers see at the root of a repository. */

let scene: PageScene
let token: GateToken

beforeAll(async () => {
  scene = await startPageScene()
  token = await scene.gate.createToken('acme/files', { limit_num_downloads: 10, repositories: ['acme/*'] })
})

afterAll(() => scene?.[Symbol.asyncDispose]())

async function textOf(path: string, headers?: Readonly<Record<string, string>>): Promise<string> {
  const { status, body } = await scene.look(path, headers)
  return `${status} ${body.toString()}`
}

function bearer({ token: secret }: GateToken): Readonly<Record<string, string>> {
  return { ...BROWSER, authorization: `Basic ${btoa(`token:${secret}`)}` }
}

async function jsonOf(path: string): Promise<Record<string, unknown>> {
  const { status, body } = await get(`${scene.gate.url}${path}?format=json`)
  expect(status).toBe(200)
  return JSON.parse(body.toString()) as Record<string, unknown>
}

describe('a browser', () => {
  test('is shown the state, what is left, the steps and the packages', async () => {
    const page = await textOf(`/${token.token}/acme/files/`)
    expect(page).toContain('200 <!doctype html>')
    for (const words of [
      '<h1>Acme &lt;packages&gt;</h1>',
      'acme/files, format raw',
      '<strong>Active.</strong> Your entitlement token works. It has no end.',
      token.slug_perm,
      `curl -fO -u token:${token.token} ${scene.gate.url}/basic/acme/files/tool-1.0.tar.gz`,
      `curl -fO ${scene.gate.url}/${token.token}/acme/files/tool-1.0.tar.gz`,
      'href="./tools/widget-2.0.txt"',
      'href="mailto:help@acme.example"',
    ])
      expect(page).toContain(words)
  })

  test('sees the same by a login, and with a name for the token in the URL', async () => {
    for (const [path, headers] of [
      ['/basic/acme/files/', bearer(token)],
      [`/t/${token.token}/acme/files/`, BROWSER],
    ] as const)
      expect(await textOf(path, headers)).toContain(`${scene.gate.url}/basic/acme/files/tool-1.0.tar.gz`)
  })

  test('is sent to the URL with a slash, for links start from there', async () => {
    const { status, headers } = await scene.look(`/${token.token}/acme/files`)
    expect([status, headers['location'], headers['cache-control']]).toEqual([308, './files/', 'no-store'])
  })

  test('keeps the page from caches, other sites and search engines', async () => {
    const { headers, body } = await scene.look(`/${token.token}/acme/files/`)
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'x-content-type-options': 'nosniff',
      'content-length': String(body.length),
    })
    const policy = String(headers['content-security-policy'])
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; img-src data:;/,
    )
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(body.toString()).not.toMatch(/(?:src|href)="(?!data:|\?|\.\/|mailto:)/)
  })

  test('is told by HEAD what it would get', async () => {
    const { status, headers, body } = await get(`${scene.gate.url}/${token.token}/acme/files/`, {
      method: 'HEAD',
      headers: BROWSER,
    })
    expect([status, body.length]).toEqual([200, 0])
    expect(Number(headers['content-length'])).toBeGreaterThan(1000)
  })

  test('sees what a repository says of itself before what is said of all', async () => {
    const page = await textOf(`/${token.token}/acme/far/`)
    expect(page).toContain('<h1>Far &amp; wide</h1>')
    expect(page).toContain('<a href="https://acme.example/" rel="noreferrer">')
    expect(page).toContain('<img src="data:image/svg+xml;base64,')
  })

  test('has shorter URLs on a host that stands for the repository', async () => {
    const host = { ...BROWSER, host: 'files.example.com' }
    const page = await textOf(`/${token.token}/`, host)
    expect(page).toContain('<strong>Active.</strong>')
    expect(page).toContain(`curl -fO -u token:${token.token} http://files.example.com/basic/tool-1.0.tar.gz`)
    expect(page).toContain(`curl -fO http://files.example.com/${token.token}/tool-1.0.tar.gz`)
  })

  test('sees the page of a registry, whose clients have another URL', async () => {
    const { host } = new URL(scene.gate.url)
    expect(await textOf(`/${token.token}/acme/images/`)).toContain(`docker pull ${host}/acme/images/tool:1.0`)
  })

  test('needs no token where everybody may read', async () => {
    const page = await textOf('/public/acme/open/')
    expect(page).toContain('<strong>Public.</strong>')
    expect(page).toContain(`curl -fO ${scene.gate.url}/public/acme/open/tool-1.0.tar.gz`)
    expect(await textOf('/public/acme/files/')).toMatch(/^403 .*Token required/s)
  })
})

test('looking costs nothing, and shows what downloads cost', async () => {
  const own = await scene.gate.createToken('acme/files', {
    limit_num_downloads: 5,
    limit_bandwidth: 100,
    limit_bandwidth_unit: 'Byte',
  })
  const root = `/${own.token}/acme/files/`
  for (let turn = 0; turn < 3; turn++) await scene.look(root)
  expect((await get(`${scene.gate.url}${root}tools/widget-1.0.txt`)).status).toBe(200)
  await expect
    .poll(async () => (await jsonOf(root))['left'])
    .toEqual({ downloads: 4, clients: null, bandwidth: 90 })
  await expect
    .poll(async () => ((await jsonOf(root))['usage'] as object[]).at(-1))
    .toMatchObject({
      downloads: 1,
      bandwidth: 10,
    })
  expect(await scene.gate.readToken('acme/files', own.slug_perm)).toMatchObject({ downloads: 1, clients: 1 })
  expect(await textOf(root)).toContain('1 download and 10 B from ')
})

describe('a token that opens nothing has a page that says so', () => {
  test.each([
    ['disabled', { is_active: false }, 'token_disabled', 'Token disabled'],
    ['expired', { limit_date_range_to: '2020-01-01T00:00:00Z' }, 'token_expired', '2020-01-01T00:00:00Z'],
    [
      'early',
      { limit_date_range_from: '2099-01-01T00:00:00Z' },
      'token_not_yet_valid',
      '2099-01-01T00:00:00Z',
    ],
    ['used up', { limit_num_downloads: 0 }, 'downloads_used_up', 'Downloads used up'],
  ])('%s', async (_, fields, state, words) => {
    const closed = await scene.gate.createToken('acme/files', fields)
    const root = `/${closed.token}/acme/files/`
    const page = await textOf(root)
    expect(page).toMatch(/^200 /)
    expect(page).toContain('class="state bad"')
    expect(page).toContain(words)
    expect(page).toContain('help@acme.example')
    expect(await jsonOf(root)).toMatchObject({ state, repository: 'acme/files' })
    expect(page.includes('widget')).toBe(state === 'downloads_used_up')
    expect((await get(`${scene.gate.url}${root}tools/widget-1.0.txt`)).status).toBe(403)
  })
})

describe('the refusal that it is everywhere, for eyes', () => {
  test('an unknown secret, whether there is such a repository or not', async () => {
    const answers = await Promise.all(
      ['files', 'nothing', 'bare', 'py', 'images'].map(async (repo) => {
        const { status, headers, body } = await scene.look(`/abcdefgh12345678/acme/${repo}/`)
        return [status, headers['content-type'], headers['www-authenticate'], body.toString()]
      }),
    )
    const [first = []] = answers
    expect(first.slice(0, 3)).toEqual([403, 'text/html; charset=utf-8', undefined])
    expect(first[3]).toContain('<strong>Unknown token.</strong>')
    for (const answer of answers) expect(answer).toEqual(first)
  })

  test('no credential is asked for', async () => {
    const { status, headers, body } = await scene.look('/basic/acme/files/')
    expect([status, headers['www-authenticate']]).toEqual([401, 'Basic realm="Postern", charset="UTF-8"'])
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(body.toString()).toContain('<!doctype html>')
  })

  test('another repository, and another network', async () => {
    const other = await scene.gate.createToken('acme/far')
    expect(await textOf(`/${other.token}/acme/files/`)).toMatch(/^403 <!doctype.*Repository not covered/s)
    const away = await scene.gate.createToken('acme/files', { limit_networks: ['192.0.2.0/24'] })
    const page = await textOf(`/${away.token}/acme/files/`)
    expect(page).toMatch(/^403 <!doctype.*Address not allowed/s)
    expect(page).not.toContain(away.slug_perm)
  })

  test('tools get the usual document', async () => {
    const { status, headers } = await get(`${scene.gate.url}/abcdefgh12345678/acme/files/?format=json`)
    expect([status, headers['content-type']]).toEqual([403, 'application/problem+json'])
  })
})

describe('clients of packages', () => {
  test.each([
    ['most', { accept: '*/*' }],
    ['apt', { accept: 'text/*', 'user-agent': 'Debian APT-HTTP/1.3 (2.6.2)' }],
    ['an old pip', { accept: 'text/html', 'user-agent': 'pip/20.3.4 {"ci":null}' }],
    [
      'a new pip',
      { accept: 'application/vnd.pypi.simple.v1+json, text/html; q=0.01', 'user-agent': 'pip/26.2' },
    ],
    ['npm', { accept: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*' }],
  ])('%s: the storage has the root of the repository', async (_, headers) => {
    for (const repo of ['far', 'py', 'deb']) {
      const answer = await textOf(`/${token.token}/acme/${repo}/`, headers)
      expect(answer).toMatch(/^200 .*Index of \/far\//s)
    }
  })

  test('so have all where there is to be no page', async () => {
    for (const query of ['', '?format=html', '?format=json'])
      expect(await textOf(`/${token.token}/acme/bare/${query}`)).toMatch(/^200 .*Index of \/far\//s)
  })
})

describe('packages', () => {
  async function namesOf(path: string): Promise<readonly (readonly [string, unknown])[]> {
    const { packages } = await jsonOf(path)
    const { results } = packages as { results: { filename: string; path: string | null }[] }
    return results.map((each) => [each.filename, each.path] as const)
  }
  const PLANS = ['<b>bomb.txt', 'secret plans/<b>bomb.txt'] as const
  const [ONE, TWO] = [1, 2].map((each) => [`widget-${each}.0.txt`, `tools/widget-${each}.0.txt`] as const)

  test.each([
    ['of everything', {}, [PLANS, ONE, TWO]],
    ['of some names', { limit_packages: ['tools/**'] }, [ONE, TWO]],
    ['of none', { limit_packages: [] }, []],
    ['by a query over packages', { limit_package_query: 'filename:widget-2' }, [TWO]],
    ['by a query over paths', { limit_path_query: '^/tools/' }, [ONE, TWO]],
    ['until a day', { limit_published_until: '2024-06-01T00:00:00Z' }, [ONE]],
  ])('of a folder, %s', async (_, fields, expected) => {
    const own = await scene.gate.createToken('acme/files', fields)
    expect((await namesOf(`/${own.token}/acme/files/`)).toSorted()).toEqual(expected)
  })

  test('are text, whatever they are called, and links that work', async () => {
    const page = await textOf(`/${token.token}/acme/files/`)
    expect(page).not.toContain('<b>bomb')
    const href = /href="(\.\/secret[^"]*)"/.exec(page)?.[1] ?? ''
    const file = await get(new URL(href, `${scene.gate.url}/${token.token}/acme/files/`).href)
    expect([file.status, file.body.toString()]).toEqual([200, 'boom'])
  })

  test('are named nowhere where they are not to be', async () => {
    expect(await jsonOf(`/${token.token}/acme/quiet/`)).toMatchObject({ packages: null })
    expect(await textOf(`/${token.token}/acme/quiet/`)).not.toContain('widget')
  })

  test('of a storage behind HTTP are those that somebody had, as far as the token covers them', async () => {
    const root = (own: GateToken): string => `/${own.token}/acme/far/`
    const [all, some, paths] = await Promise.all([
      scene.gate.createToken('acme/far'),
      scene.gate.createToken('acme/far', { limit_packages: ['tools/gadget-2*'] }),
      scene.gate.createToken('acme/far', { limit_path_query: '^/tools/' }),
    ])
    for (const each of [1, 2]) await get(`${scene.gate.url}${root(all)}tools/gadget-${each}.0.txt`)
    await expect
      .poll(() => namesOf(root(all)))
      .toEqual([
        ['gadget-1.0.txt', null],
        ['gadget-2.0.txt', null],
      ])
    expect(await namesOf(root(some))).toEqual([['gadget-2.0.txt', null]])
    expect(await namesOf(root(paths))).toEqual([])
    await get(`${scene.gate.url}${root(paths)}tools/gadget-1.0.txt`)
    await expect.poll(() => namesOf(root(paths))).toEqual([['gadget-1.0.txt', null]])
  })
})

test('JSON has limits, what is used and left, and when it ends, and no secret', async () => {
  const own = await scene.gate.createToken('acme/files', {
    limit_num_downloads: 7,
    limit_num_clients: 3,
    limit_rate: 50,
    limit_date_range_to: '2090-01-02T03:04:05Z',
    scheduled_reset_period: 'Daily',
  })
  const { status, headers, body } = await get(`${scene.gate.url}/basic/acme/files/`, {
    headers: { accept: 'application/json', authorization: `Bearer ${own.token}` },
  })
  expect([status, headers['content-type'], headers['cache-control']]).toEqual([
    200,
    'application/json',
    'no-store',
  ])
  expect(JSON.parse(body.toString())).toMatchObject({
    repository: 'acme/files',
    format: 'raw',
    state: 'active',
    token: own.slug_perm,
    limits: { downloads: 7, clients: 3, bandwidth: null, requests_per_second: 50, downloads_at_once: null },
    used: { downloads: 0, clients: 0, bandwidth: 0 },
    left: { downloads: 7, clients: 3, bandwidth: null },
    resets_at: expect.stringMatching(/^20\d\d-\d\d-\d\dT.*Z$/),
    expires: '2090-01-02T03:04:05Z',
    contact: 'help@acme.example',
  })
  expect(body.toString()).not.toContain(own.token)
})

test('no line of the log has the secret', async () => {
  await scene.look(`/${token.token}/acme/files/`)
  await expect.poll(() => scene.gate.output()).toContain(token.slug_perm)
  expect(scene.gate.output()).not.toContain(token.token)
})

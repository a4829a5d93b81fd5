import { expect, test } from 'vitest'
import { apiToken, pageOf, startFakeApi } from './fake-api.ts'
import { run } from './run.ts'

const THREE = [
  apiToken(),
  apiToken({
    name: 'Globex Corporation, Springfield branch',
    slug_perm: '01JD0000000000000000000002',
    is_active: false,
    limit_date_range_to: null,
    limit_num_downloads: null,
    last_used_at: null,
  }),
  apiToken({
    name: '日本 KK',
    slug_perm: '01JD0000000000000000000003',
    downloads: 1000,
    limit_num_clients: 20,
  }),
]

test('list asks for a page of the repository’s tokens, with the key', async () => {
  await using api = await startFakeApi(() => pageOf(THREE))
  const { code } = await run(['tokens', 'list', 'acme/stable'], { api: api.url, key: 'the-key' })
  expect(code).toBe(0)
  expect(api.requests()).toEqual(['GET /entitlements/acme/stable/?page=1&page_size=30'])
  expect(api.received[0]?.headers).toMatchObject({ 'x-api-key': 'the-key', 'user-agent': 'postern/1.2.3' })
})

test('list fits into a terminal of 80 columns', async () => {
  await using api = await startFakeApi(() => pageOf(THREE))
  const { stdout, stderr } = await run(['tokens', 'list', 'acme/stable'], { api: api.url, columns: 80 })
  expect(stdout).toBe(
    [
      'NAME                 ID                          STATE     DOWNLOADS  UNTIL',
      'Example Ltd          01JD0000000000000000000001  active      12/1000  2027-01-01',
      'Globex Corporation…  01JD0000000000000000000002  disabled         12  -',
      '日本 KK              01JD0000000000000000000003  used up   1000/1000  2027-01-01',
      '',
    ].join('\n'),
  )
  expect(stderr).toBe('')
})

test('list loses nothing where it is piped', async () => {
  await using api = await startFakeApi(() => pageOf(THREE))
  const { stdout } = await run(['tokens', 'list', 'acme/stable'], { api: api.url })
  const lines = stdout.split('\n')
  expect(lines[0]).toMatch(/^NAME +ID +STATE +DOWNLOADS +CLIENTS +UNTIL +LAST USED$/)
  expect(lines[2]).toMatch(/^Globex Corporation, Springfield branch {2}01JD/)
  expect(lines[3]).toMatch(/ 3\/20 /)
})

test('list hands its filters on, and secrets only when they are asked for', async () => {
  await using api = await startFakeApi(() => pageOf([apiToken({ token: 'ptkSecret1' })]))
  const { stdout } = await run(
    'tokens list acme/stable --query ex --active --show-secret --page 2 --page-size 5'.split(' '),
    { api: api.url },
  )
  expect(api.requests()).toEqual([
    'GET /entitlements/acme/stable/?page=2&page_size=5&query=ex&active=true&show_tokens=true',
  ])
  expect(stdout).toContain('ptkSecret1')
})

test('list says that there are more pages', async () => {
  await using api = await startFakeApi(() => pageOf(THREE, 1, 4, 93))
  const { stderr } = await run(['tokens', 'list', 'acme/stable'], { api: api.url })
  expect(stderr).toBe('Page 1 of 4, 93 tokens in all; --page 2 or --all shows more.\n')
})

test('list --all reads every page', async () => {
  await using api = await startFakeApi(({ url }) => {
    const page = Number(new URL(url, 'http://x').searchParams.get('page'))
    return pageOf([apiToken({ name: `customer ${page}` })], page, 3)
  })
  const { stdout } = await run(['tokens', 'list', 'acme/stable', '--all', '--json'], { api: api.url })
  expect(JSON.parse(stdout)).toMatchObject([
    { name: 'customer 1' },
    { name: 'customer 2' },
    { name: 'customer 3' },
  ])
  expect(api.received).toHaveLength(3)
})

test.each([
  [[], 'acme/stable has no tokens yet. Make one: postern tokens create acme/stable --name "Example Ltd"\n'],
  [['--query', 'x'], 'No token of acme/stable is like that.\n'],
])('list with %j and no tokens says so', async (extra, expected) => {
  await using api = await startFakeApi(() => pageOf([]))
  const { stdout, stderr, code } = await run(['tokens', 'list', 'acme/stable', ...extra], { api: api.url })
  expect([code, stdout, stderr]).toEqual([0, '', expected])
})

test('list prints the API’s JSON', async () => {
  await using api = await startFakeApi(() => pageOf(THREE))
  const { stdout } = await run(['tokens', 'ls', 'acme/stable', '--json'], { api: api.url })
  expect(JSON.parse(stdout)).toEqual(THREE)
})

test('show prints all that matters', async () => {
  const token = apiToken({ limit_packages: ['**', '!internal/**'], metadata: { licence: 'A-17' } })
  await using api = await startFakeApi(() => ({ body: token }))
  const { stdout } = await run(['tokens', 'show', 'acme/stable', '01JD0000000000000000000001'], {
    api: api.url,
  })
  expect(stdout).toBe(`Example Ltd
  id             01JD0000000000000000000001
  secret         **************** (--show-secret shows it)
  state          active
  repositories   acme/stable only
  packages       **
                 !internal/**
  valid          until 2027-01-01 00:00 UTC
  downloads      12 of 1000
  clients        3
  sent           1.2 MB
  counted since  2026-01-31 12:00 UTC
  last used      2026-02-27 08:30 UTC
  created        2026-01-31 12:00 UTC by first key
  updated        -
  metadata       {"licence":"A-17"}
`)
})

test.each([
  [{ is_active: false }, 'disabled'],
  [{ limit_date_range_to: '2026-03-01T12:00:00Z' }, 'expired'],
  [{ limit_date_range_from: '2026-03-01T12:00:01Z' }, 'not yet'],
  [{ downloads: 1000 }, 'used up'],
  [{ limit_num_downloads: 0, downloads: 0 }, 'used up'],
  [{}, 'active'],
])('the state of a token with %j is %s', async (different, state) => {
  await using api = await startFakeApi(() => ({ body: apiToken(different) }))
  const { stdout } = await run(['tokens', 'show', 'acme/stable', '01JD'], { api: api.url })
  expect(stdout).toContain(`  state          ${state}\n`)
})

test('show prints queries, made fit for a terminal', async () => {
  const token = apiToken({ limit_package_query: 'name:^widget\u001b[2J', limit_path_query: '/stable/' })
  await using api = await startFakeApi(() => ({ body: token }))
  const { stdout } = await run(['tokens', 'show', 'acme/stable', '01JD'], { api: api.url })
  expect(stdout).toContain('  package query  name:^widget?[2J\n  path query     /stable/\n')
})

test('an empty list of packages or repositories reads "none"', async () => {
  await using api = await startFakeApi(() => ({ body: apiToken({ limit_packages: [], repositories: [] }) }))
  const { stdout } = await run(['tokens', 'show', 'acme/stable', '01JD'], { api: api.url })
  expect(stdout).toContain('  repositories   none\n  packages       none\n')
})

test('a token is found by its unique name', async () => {
  const named = apiToken({ name: 'Café & Söhne/EU' })
  await using api = await startFakeApi(({ url }) => {
    if (url.startsWith('/entitlements/acme/stable/01JD')) return { body: named }
    return pageOf([apiToken({ name: 'Café & Söhne/EU (old)', slug_perm: 'other' }), named])
  })
  const { code } = await run(['tokens', 'show', 'acme/stable', 'Café & Söhne/EU'], { api: api.url })
  expect(code).toBe(0)
  expect(api.requests()).toEqual([
    'GET /entitlements/acme/stable/?query=name%3A%22Caf%C3%A9+%26+S%C3%B6hne%2FEU%22&page=1&page_size=500',
    'GET /entitlements/acme/stable/01JD0000000000000000000001/?show_tokens=false',
  ])
})

test('a name that looks like an id is found all the same', async () => {
  const token = apiToken({ name: 'trial' })
  await using api = await startFakeApi(({ url }) => {
    if (url.startsWith('/entitlements/acme/stable/trial/')) return undefined
    return url.includes('?query=') ? pageOf([token]) : { body: token }
  })
  const { stdout } = await run(['tokens', 'show', 'acme/stable', 'trial'], { api: api.url })
  expect(stdout).toMatch(/^trial\n/)
})

test('a name that two tokens have is refused, with the ids to choose from', async () => {
  const twins = ['A1', 'B2'].map((slug_perm) => apiToken({ name: 'Twin', slug_perm }))
  await using api = await startFakeApi(({ url }) => (url.includes('?query=') ? pageOf(twins) : undefined))
  const { code, stderr } = await run(['tokens', 'delete', 'acme/stable', 'Twin', '--yes'], { api: api.url })
  expect([code, stderr]).toEqual([1, 'error: 2 tokens are named "Twin". Give the id of one:\n  A1\n  B2\n'])
  expect(api.requests().filter((line) => !line.startsWith('GET'))).toEqual([])
})

test('a name of which only a part fits is none', async () => {
  await using api = await startFakeApi(({ url }) => (url.includes('?query=') ? pageOf(THREE) : undefined))
  const { code, stderr } = await run(['tokens', 'show', 'acme/stable', 'Example'], { api: api.url })
  expect([code, stderr]).toEqual([
    1,
    'error: acme/stable has no token with the id or name "Example". See postern tokens list acme/stable.\n',
  ])
})

test.each(['..', '.', ''])('the id %j never becomes another path', async (id) => {
  await using api = await startFakeApi(({ url }) =>
    url.includes('?query=') ? pageOf([]) : { body: apiToken() },
  )
  const { code } = await run(['tokens', 'delete', 'acme/stable', id, '--yes'], { api: api.url })
  expect(code).toBe(1)
  expect(api.requests()).toEqual([expect.stringMatching(/^GET \/entitlements\/acme\/stable\/\?query=/)])
})

test('nothing that a terminal obeys is printed, whatever a token is named', async () => {
  const odd = apiToken({ name: 'a\u001b[2Jb\u009b1m\u202ec\n\r', created_by: '\u001b]0;x\u0007' })
  await using api = await startFakeApi(({ url }) => (url.includes('page=') ? pageOf([odd]) : { body: odd }))
  const list = await run(['tokens', 'list', 'acme/stable'], { api: api.url })
  const show = await run(['tokens', 'show', 'acme/stable', '01JD'], { api: api.url })
  expect((list.stdout + show.stdout).replaceAll('\n', '')).not.toMatch(/\p{C}/u)
  expect(list.stdout.split('\n')).toHaveLength(3)
})

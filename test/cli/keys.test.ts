import { expect, test } from 'vitest'
import { pageOf, startFakeApi, type Received, type Reply } from './fake-api.ts'
import { run, type RunOptions } from './run.ts'

const ID = '01JD000000000000000000000K'
const MASK = '*'.repeat(16)

function apiKey(different: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: 'ci',
    slug_perm: ID,
    key: MASK,
    role: 'entitlements',
    repositories: ['acme/*', 'other/stable'],
    is_active: true,
    expires_at: '2026-06-01T00:00:00.000Z',
    last_used_at: '2026-02-27T08:30:00.000Z',
    last_used_from: '192.0.2.1',
    created_at: '2026-01-31T12:00:00.000Z',
    created_by: 'first key',
    updated_at: null,
    updated_by: null,
    revoked_at: null,
    revoked_by: null,
    ...different,
  }
}

/** Shows one key by its id, and does what else is asked. */
function oneKey({ method, url }: Received): Reply | undefined {
  if (method === 'DELETE') return { status: 204 }
  return url.startsWith(`/keys/${ID}/`) ? { body: apiKey({ key: 'pmkNew' }) } : undefined
}

async function keys(args: string, reply: (request: Received) => Reply | undefined, options: RunOptions = {}) {
  await using api = await startFakeApi(reply)
  const ended = await run(['keys', ...args.split(' ')], { api: api.url, ...options })
  return { ...ended, requests: api.requests(), sent: api.received.at(-1)?.body }
}

const made = (): Reply => ({
  status: 201,
  body: apiKey({ key: 'pmkSecret', last_used_at: null, last_used_from: null }),
})

test('create sends what was named, shows the key and says that it is the only time', async () => {
  const args = 'create --name ci --role entitlements --repo acme/* --repo other/stable --expires 92d'
  const { code, stdout, stderr, requests, sent } = await keys(args, made)
  expect([code, requests]).toEqual([0, ['POST /keys/']])
  expect(sent).toEqual({
    name: 'ci',
    role: 'entitlements',
    repositories: ['acme/*', 'other/stable'],
    expires_at: '2026-06-01T12:00:00.000Z',
  })
  expect(stdout).toBe(
    [
      'ci',
      `  id            ${ID}`,
      '  key           pmkSecret',
      '  role          entitlements',
      '  repositories  acme/*',
      '                other/stable',
      '  state         active',
      '  until         2026-06-01 00:00 UTC',
      '  last used     -',
      '  created       2026-01-31 12:00 UTC by first key',
      '  updated       -',
      '',
    ].join('\n'),
  )
  expect(stderr).toBe('\nKeep the key now: it is not shown again.\n')
})

test.each([
  ['2027-01-01', '2027-01-01'],
  ['0d', '0d'],
  ['none', null],
])('create --expires %s sends %j', async (given, expires_at) => {
  const { sent } = await keys(`create --name x --role viewer --repo */* --expires ${given}`, made)
  expect(sent).toMatchObject({ expires_at })
})

test('create without an end sends none, and prints JSON alone', async () => {
  const { stdout, stderr, sent } = await keys('create --name x --role viewer --repo */* --json', made)
  expect(sent).toEqual({ name: 'x', role: 'viewer', repositories: ['*/*'] })
  expect(JSON.parse(stdout)).toMatchObject({ key: 'pmkSecret' })
  expect(stderr).toBe('')
})

test.each([
  ['create --name x --repo */*', '--role'],
  ['create --name x --role viewer', '--repo'],
  ['create --role viewer --repo */*', '--name'],
  ['create --name x --role owner --repo */*', 'Allowed choices are admin, entitlements, viewer, metrics'],
  ['update ci', 'Nothing to change'],
  ['create --name x --role viewer --repo */* --expires 999999999w', 'too far away'],
])('"%s" is wrong usage, and nothing is sent', async (args, said) => {
  const { code, stderr, requests } = await keys(args, made)
  expect([code, requests]).toEqual([2, []])
  expect(stderr).toContain(said)
})

test('list shows those that work, in a terminal of 80 columns', async () => {
  const all = [
    apiKey(),
    apiKey({ name: 'first key', role: 'admin', repositories: ['*/*'], expires_at: null }),
    apiKey({
      name: 'Prometheus of the second data centre',
      role: 'metrics',
    }),
  ]
  const { code, stdout, requests } = await keys('list', () => pageOf(all), { columns: 80 })
  expect([code, requests]).toEqual([0, ['GET /keys/?active=true&page=1&page_size=500']])
  expect(stdout).toBe(
    [
      'NAME              ID                          ROLE          REPOSITORIES',
      `ci                ${ID}  entitlements  acme/*, other…`,
      `first key         ${ID}  admin         */*`,
      `Prometheus of t…  ${ID}  metrics       acme/*, other…`,
      '',
    ].join('\n'),
  )
})

test('list loses nothing where it is piped, and reads every page', async () => {
  const { stdout, requests } = await keys('list --all', ({ url }) => {
    const page = Number(new URL(url, 'http://x').searchParams.get('page'))
    return pageOf([apiKey({ revoked_at: '2026-02-28T00:00:00Z', revoked_by: 'ada' })], page, 2)
  })
  expect(requests).toEqual(['GET /keys/?page=1&page_size=500', 'GET /keys/?page=2&page_size=500'])
  const [titles, ...rows] = stdout.trimEnd().split('\n')
  expect(titles).toMatch(/^NAME +ID +ROLE +REPOSITORIES +STATE +UNTIL +LAST USED +FROM$/)
  expect(rows).toHaveLength(2)
  expect(rows[0]).toMatch(/acme\/\*, other\/stable +revoked +2026-06-01 +2026-02-27 +192\.0\.2\.1$/)
})

test('list says that there are none', async () => {
  const { stdout, stderr } = await keys('list', () => pageOf([]))
  expect([stdout, stderr]).toEqual([
    '',
    'There are no keys but that of the environment (POSTERN_ADMIN_KEY).\n',
  ])
})

test('show says what the key may do and who revoked it, not the key', async () => {
  const revoked = {
    revoked_at: '2026-02-28T00:00:00Z',
    revoked_by: 'ada',
    expires_at: null,
    repositories: [],
  }
  const { stdout } = await keys(`show ${ID}`, () => ({ body: apiKey(revoked) }))
  expect(stdout).toContain('  key           shown when it was made, and never again\n')
  expect(stdout).toContain('  repositories  none\n')
  expect(stdout).toContain('  until         it is revoked\n')
  expect(stdout).toContain('  last used     2026-02-27 08:30 UTC from 192.0.2.1\n')
  expect(stdout).toContain('  revoked       2026-02-28 00:00 UTC by ada\n')
})

test('update sends what changes only', async () => {
  const { code, requests, sent } = await keys(`update ${ID} --repo acme/stable --expires none`, oneKey)
  expect([code, requests]).toEqual([0, [`GET /keys/${ID}/`, `PATCH /keys/${ID}/`]])
  expect(sent).toEqual({ repositories: ['acme/stable'], expires_at: null })
})

test('rotate asks first, and shows the new key', async () => {
  const { requests, questions, stdout } = await keys(`rotate ${ID}`, oneKey, { answer: 'y' })
  expect(questions).toEqual([`Replace "ci" (${ID})? The old one stops working at once. [y/N] `])
  expect(requests).toEqual([`GET /keys/${ID}/`, `POST /keys/${ID}/rotate/`])
  expect(stdout).toContain('  key           pmkNew\n')
})

test('revoke asks first, and does nothing without a yes', async () => {
  const refused = await keys(`revoke ${ID}`, oneKey, { answer: '' })
  expect([refused.code, refused.requests]).toEqual([1, [`GET /keys/${ID}/`]])
  expect((await keys(`revoke ${ID}`, oneKey)).code).toBe(2)
  const done = await keys(`revoke ${ID}`, oneKey, { answer: 'yes' })
  expect([done.code, done.stdout]).toEqual([0, `Revoked "ci" (${ID}).\n`])
  expect(done.requests.at(-1)).toBe(`DELETE /keys/${ID}/`)
})

test('a key is found by its name when only one that works has it', async () => {
  const two = [apiKey(), apiKey({ name: 'other', slug_perm: 'x'.repeat(26) })]
  const reply = ({ method, url }: Received): Reply | undefined =>
    url.startsWith('/keys/?') ? pageOf(two) : method === 'DELETE' ? { status: 204 } : undefined
  const { requests } = await keys('revoke other --yes', reply)
  expect(requests.at(-1)).toBe(`DELETE /keys/${'x'.repeat(26)}/`)
  const none = await keys('revoke nobody --yes', reply)
  expect([none.code, none.stderr]).toEqual([
    1,
    'error: There is no key with the id "nobody", and none that works with this name. See postern keys list.\n',
  ])
  const same = await keys('revoke ci --yes', ({ url }) =>
    url.startsWith('/keys/?') ? pageOf([apiKey(), apiKey({ slug_perm: 'b' })]) : undefined,
  )
  expect([same.code, same.stderr]).toEqual([
    1,
    `error: 2 keys are named "ci". Give the id of one:\n  ${ID}\n  b\n`,
  ])
})

test('what the API refuses is told by the flag that asked for it', async () => {
  const body = {
    detail: 'Invalid input.',
    code: 'invalid',
    fields: { repositories: ['[0] "acme" is wrong'] },
  }
  const { code, stderr } = await keys('create --name x --role viewer --repo acme', () => ({
    status: 422,
    body,
  }))
  expect([code, stderr]).toEqual([1, 'error: The management API refuses:\n  --repo  [0] "acme" is wrong\n'])
})

test('what the key may not do is a no, with the reason', async () => {
  const detail = 'No key may give more than it has itself.'
  const body = { detail, code: 'permission_denied', fields: { expires_at: ['This may lie no later.'] } }
  const { code, stderr } = await keys('create --name x --role viewer --repo */*', () => ({
    status: 403,
    body,
  }))
  expect([code, stderr]).toEqual([
    1,
    `error: The key that was sent may not do this: ${detail}\n  --expires  This may lie no later.\n`,
  ])
  const plain = await keys('list', () => ({
    status: 403,
    body: { detail: 'No.', code: 'permission_denied' },
  }))
  expect([plain.code, plain.stderr]).toEqual([1, 'error: The key that was sent may not do this: No.\n'])
})

test('the help names every role', async () => {
  const { code, stdout } = await run(['keys', '--help'])
  expect(code).toBe(0)
  for (const role of ['admin', 'entitlements', 'viewer', 'metrics'])
    expect(stdout).toMatch(new RegExp(`^  ${role} `, 'm'))
  expect((await run(['keys', 'create', '--help'])).stdout).toContain('--repo <glob>')
})

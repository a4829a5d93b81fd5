import { expect, test } from 'vitest'
import { apiToken, startFakeApi, type Reply, type Received } from './fake-api.ts'
import { run } from './run.ts'

const ID = '01JD0000000000000000000001'

/** Shows one token, and does what else is asked. */
function oneToken({ method, url }: Received): Reply {
  if (method === 'GET' || method === 'PATCH' || url.includes('/refresh/')) return { body: apiToken() }
  return method === 'POST' && url.includes('?') ? { status: 201, body: apiToken() } : { status: 204 }
}

test('create sends what was named and nothing else, and asks to see the secret', async () => {
  await using api = await startFakeApi(() => ({ status: 201, body: apiToken({ token: 'ptkNewSecret' }) }))
  const limits =
    '--valid-from 2026-01-01 --valid-until 2027-01-01T00:00:00+01:00 --max-downloads 1000 --max-clients 0 ' +
    '--packages ** --packages !internal/** --repositories acme/* --metadata {"licence":"A-17"} --disabled'
  const args = ['tokens', 'create', 'acme/stable', '--name', 'Example Ltd', '--token', 'my-own-secret']
  const { code, stdout, stderr } = await run([...args, ...limits.split(' ')], { api: api.url })
  expect(api.received).toMatchObject([
    {
      method: 'POST',
      url: '/entitlements/acme/stable/?show_tokens=true',
      headers: { 'content-type': 'application/json' },
    },
  ])
  expect(api.received[0]?.body).toEqual({
    name: 'Example Ltd',
    token: 'my-own-secret',
    limit_date_range_from: '2026-01-01',
    limit_date_range_to: '2027-01-01T00:00:00+01:00',
    limit_num_downloads: 1000,
    limit_num_clients: 0,
    limit_packages: ['**', '!internal/**'],
    repositories: ['acme/*'],
    metadata: { licence: 'A-17' },
    is_active: false,
  })
  expect(code).toBe(0)
  expect(stdout).toContain('  secret         ptkNewSecret\n')
  expect(stderr).toBe('\nThe customer finds the repository at /SECRET/acme/stable/ of the gate.\n')
})

test('create with a name alone sends only that', async () => {
  await using api = await startFakeApi(() => ({ status: 201, body: apiToken() }))
  const { stdout, stderr } = await run(['tokens', 'create', 'acme/stable', '--name', 'x', '--json'], {
    api: api.url,
  })
  expect(api.received[0]?.body).toEqual({ name: 'x' })
  expect(JSON.parse(stdout)).toEqual(apiToken())
  expect(stderr).toBe('')
})

test('update sends only what changes, and null for "none"', async () => {
  await using api = await startFakeApi(oneToken)
  const args =
    `tokens update acme/stable ${ID} --name none --max-downloads none --packages none ` +
    '--valid-until none --metadata none --enabled'
  const { code } = await run(args.split(' '), { api: api.url })
  expect(code).toBe(0)
  expect(api.requests()[1]).toBe(`PATCH /entitlements/acme/stable/${ID}/?show_tokens=false`)
  expect(api.received[1]?.body).toEqual({
    name: 'none',
    limit_num_downloads: null,
    limit_packages: null,
    limit_date_range_to: null,
    metadata: null,
    is_active: true,
  })
})

test('update without a change asks the API nothing', async () => {
  await using api = await startFakeApi(oneToken)
  const { code, stderr } = await run(['tokens', 'update', 'acme/stable', ID], { api: api.url })
  expect([code, stderr]).toEqual([
    2,
    'error: Nothing to change. Name something to set, such as --valid-until 2028-01-01.\n',
  ])
  expect(api.received).toEqual([])
})

test.each([
  ['enable', `Switched on "Example Ltd" (${ID}).\n`],
  ['disable', `Switched off "Example Ltd" (${ID}).\n`],
  ['reset', `Reset the counters of "Example Ltd" (${ID}).\n`],
])('%s does that and says so', async (action, said) => {
  await using api = await startFakeApi(oneToken)
  const { code, stdout } = await run(['tokens', action, 'acme/stable', ID], { api: api.url })
  expect(api.requests()[1]).toBe(`POST /entitlements/acme/stable/${ID}/${action}/`)
  expect(api.received[1]?.body).toBeUndefined()
  expect([code, stdout]).toEqual([0, said])
})

test('enable --json prints the token as it is then', async () => {
  await using api = await startFakeApi(oneToken)
  const { stdout } = await run(['tokens', 'enable', 'acme/stable', ID, '--json'], { api: api.url })
  expect(JSON.parse(stdout)).toEqual(apiToken())
})

test('delete asks at a terminal, by name and id, and obeys', async () => {
  await using api = await startFakeApi(oneToken)
  const { code, stdout, questions } = await run(['tokens', 'delete', 'acme/stable', ID], {
    api: api.url,
    columns: 80,
    answer: ' Yes ',
  })
  expect(questions).toEqual([`Delete "Example Ltd" (${ID})? Its secret stops working at once. [y/N] `])
  expect(api.requests()[1]).toBe(`DELETE /entitlements/acme/stable/${ID}/`)
  expect([code, stdout]).toEqual([0, `Deleted "Example Ltd" (${ID}).\n`])
})

test.each(['', 'n', 'no', 'yo', 'yes please'])('the answer %j deletes nothing', async (answer) => {
  await using api = await startFakeApi(oneToken)
  const { code, stderr } = await run(['tokens', 'delete', 'acme/stable', ID], { api: api.url, answer })
  expect([code, stderr]).toEqual([1, 'error: Nothing was changed.\n'])
  expect(api.received).toHaveLength(1)
})

test.each(['delete', 'refresh'])('%s needs --yes where nobody can be asked', async (action) => {
  await using api = await startFakeApi(oneToken)
  const { code, stderr } = await run(['tokens', action, 'acme/stable', ID], { api: api.url })
  expect([code, stderr]).toEqual([2, 'error: This needs --yes where nobody can be asked.\n'])
  expect(api.received).toHaveLength(1)
})

test('refresh replaces the secret and shows the new one', async () => {
  await using api = await startFakeApi(({ url }) => ({
    body: apiToken(url.includes('refresh') ? { token: 'ptkReplaced' } : {}),
  }))
  const { code, stdout } = await run(['tokens', 'refresh', 'acme/stable', ID, '--yes'], { api: api.url })
  expect(api.requests()[1]).toBe(`POST /entitlements/acme/stable/${ID}/refresh/?show_tokens=true`)
  expect(api.received[1]?.body).toBeUndefined()
  expect(code).toBe(0)
  expect(stdout).toContain('ptkReplaced')
})

test('refresh takes a secret of your own', async () => {
  await using api = await startFakeApi(oneToken)
  await run(['tokens', 'refresh', 'acme/stable', ID, '--yes', '--token', 'my-own-secret'], { api: api.url })
  expect(api.received[1]?.body).toEqual({ token: 'my-own-secret' })
})

test('what the API refuses is told by the flag that sent it', async () => {
  await using api = await startFakeApi(() => ({
    status: 422,
    body: {
      detail: 'Invalid input.',
      code: 'invalid',
      fields: {
        limit_packages: ['[0] bad \u001b[31mrule', '[2] worse rule'],
        limit_num_downloads: ['This field must be a whole number.'],
        non_field_errors: ['Something else.'],
        surprise: [{ nested: true }],
      },
    },
  }))
  const { code, stderr } = await run(['tokens', 'create', 'acme/stable', '--name', 'x'], { api: api.url })
  expect(code).toBe(1)
  expect(stderr).toBe(`error: The management API refuses:
  --packages       [0] bad ?[31mrule
                   [2] worse rule
  --max-downloads  This field must be a whole number.
  request          Something else.
  surprise         {"nested":true}
`)
})

test('queries are sent as they are written, and "none" takes them away', async () => {
  await using api = await startFakeApi(oneToken)
  const change = ['tokens', 'update', 'acme/stable', ID]
  await run([...change, '--package-query', 'name:none OR version:>=2', '--path-query', '^/a b/'], {
    api: api.url,
  })
  await run([...change, '--package-query', 'none', '--path-query', 'none'], { api: api.url })
  expect(api.received.filter(({ method }) => method === 'PATCH').map(({ body }) => body)).toEqual([
    { limit_package_query: 'name:none OR version:>=2', limit_path_query: '^/a b/' },
    { limit_package_query: null, limit_path_query: null },
  ])
})

import { expect, test } from 'vitest'
import { pageOf, startFakeApi } from './fake-api.ts'
import { run } from './run.ts'

const WEBHOOK = {
  slug_perm: '01JD0000000000000000000001',
  target_url: 'https://hooks.example.com/a',
  events: ['token.created', 'limit.reached'],
  repositories: null,
  is_active: true,
}
const DELIVERY = {
  slug_perm: '01JD0000000000000000000009',
  state: 'dead',
  event: 'limit.reached',
  event_at: '2026-02-27T08:30:00.000Z',
  token_name: 'Example Ltd',
  attempts: 11,
  next_attempt_at: null,
  last_error: 'The target answered 500.',
}

test('create sends what is asked for and shows the secret', async () => {
  await using api = await startFakeApi(() => ({ status: 201, body: { ...WEBHOOK, secret: 'whsecABC' } }))
  const words = ['webhooks', 'create', 'acme', WEBHOOK.target_url, '--events', 'token.created, limit.reached']
  const { code, stdout } = await run([...words, '--repositories', 'acme/*'], { api: api.url })
  expect(code).toBe(0)
  expect(api.requests()).toEqual(['POST /webhooks/acme/'])
  expect(api.received[0]?.body).toEqual({
    target_url: WEBHOOK.target_url,
    events: ['token.created', 'limit.reached'],
    repositories: ['acme/*'],
  })
  expect(stdout).toContain('whsecABC (shown this once)')
})

test('update sends only what is changed, and refuses to change nothing', async () => {
  await using api = await startFakeApi(() => ({ body: WEBHOOK }))
  const words = ['webhooks', 'update', 'acme', 'W1']
  await run([...words, '--active', 'no', '--rotate-secret'], { api: api.url })
  expect(api.received[0]).toMatchObject({
    method: 'PATCH',
    url: '/webhooks/acme/W1/',
    body: { is_active: false, rotate_secret: true },
  })
  const nothing = await run(words, { api: api.url })
  expect([nothing.code, api.received.length]).toEqual([1, 1])
})

test.each<[readonly string[], string]>([
  [['delete', 'acme', 'W1'], 'DELETE /webhooks/acme/W1/'],
  [['ping', 'acme', 'W1'], 'POST /webhooks/acme/W1/ping/'],
  [['resend', 'acme', 'W1', 'D1'], 'POST /webhooks/acme/W1/deliveries/D1/resend/'],
])('webhooks %j asks %s', async (words, request) => {
  await using api = await startFakeApi(() => ({ body: {} }))
  expect((await run(['webhooks', ...words], { api: api.url })).code).toBe(0)
  expect(api.requests()).toEqual([request])
  await using missing = await startFakeApi(() => undefined)
  expect((await run(['webhooks', ...words], { api: missing.url })).code).toBe(1)
})

test('lists fit into a terminal of 80 columns', async () => {
  await using api = await startFakeApi(({ url }) => pageOf([url.includes('deliveries') ? DELIVERY : WEBHOOK]))
  for (const words of [
    ['list', 'acme'],
    ['deliveries', 'acme', 'W1'],
  ]) {
    const { stdout } = await run(['webhooks', ...words], { api: api.url, columns: 80 })
    expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true)
    expect(stdout).toContain('01JD')
  }
})

test('deliveries hand their filter on and tell of further pages', async () => {
  await using api = await startFakeApi(() => pageOf([DELIVERY], 2, 3, 70))
  const words = ['webhooks', 'deliveries', 'acme', 'W1', '--state', 'dead', '--page', '2']
  const { stdout, stderr } = await run(words, { api: api.url })
  expect(api.requests()).toEqual(['GET /webhooks/acme/W1/deliveries/?page=2&state=dead'])
  expect(stdout).toContain('The target answered 500.')
  expect(stderr).toBe('Page 2 of 3; --page 3 shows more.\n')
})

test('a page behind the last is not taken for an empty list', async () => {
  await using api = await startFakeApi(() => pageOf([], 9, 1, 3))
  const words = ['webhooks', 'deliveries', 'acme', 'W1', '--page', '9']
  expect((await run(words, { api: api.url })).stderr).toBe('Page 9 is empty; there are 3 in all.\n')
})

test('nothing is said to be nothing', async () => {
  await using api = await startFakeApi(() => pageOf([]))
  expect((await run(['webhooks', 'list', 'acme'], { api: api.url })).stderr).toBe('acme has no webhooks.\n')
  expect((await run(['webhooks', 'deliveries', 'acme', 'W1'], { api: api.url })).stderr).toBe(
    'There is no such delivery.\n',
  )
})

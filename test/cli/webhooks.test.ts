import { describe, expect, test } from 'vitest'
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
  expect([nothing.code, api.received.length]).toEqual([2, 1])
})

test.each<[readonly string[], string]>([
  [['show', 'acme', 'W1'], 'GET /webhooks/acme/W1/'],
  [['ping', 'acme', 'W1'], 'POST /webhooks/acme/W1/ping/'],
  [['resend', 'acme', 'W1', 'D1'], 'POST /webhooks/acme/W1/deliveries/D1/resend/'],
])('webhooks %j asks %s', async (words, request) => {
  await using api = await startFakeApi(() => ({ body: {} }))
  expect((await run(['webhooks', ...words], { api: api.url })).code).toBe(0)
  expect(api.requests()).toEqual([request])
  await using missing = await startFakeApi(() => undefined)
  expect((await run(['webhooks', ...words], { api: missing.url })).code).toBe(1)
})

describe('delete', () => {
  const words = ['webhooks', 'delete', 'acme', WEBHOOK.slug_perm]
  const requests = ['GET', 'DELETE'].map((method) => `${method} /webhooks/acme/${WEBHOOK.slug_perm}/`)

  test('asks first, and does nothing when the answer is no', async () => {
    await using api = await startFakeApi(() => ({ body: WEBHOOK }))
    const { code, questions } = await run(words, { api: api.url, answer: 'n', columns: 80 })
    expect([code, questions]).toEqual([
      1,
      [
        `Delete the webhook to ${WEBHOOK.target_url} (${WEBHOOK.slug_perm})? What was still to be sent to it is lost. [y/N] `,
      ],
    ])
    expect(api.requests()).toEqual(requests.slice(0, 1))
  })

  test('deletes when the answer is yes', async () => {
    await using api = await startFakeApi(() => ({ body: WEBHOOK }))
    const { code, stdout } = await run(words, { api: api.url, answer: 'y', columns: 80 })
    expect([code, stdout]).toEqual([
      0,
      `Deleted the webhook to ${WEBHOOK.target_url} (${WEBHOOK.slug_perm}).\n`,
    ])
    expect(api.requests()).toEqual(requests)
  })

  test('wants --yes where nobody can be asked, and then says to programs what it did', async () => {
    await using api = await startFakeApi(() => ({ body: WEBHOOK }))
    expect(await run(words, { api: api.url })).toMatchObject({ code: 2 })
    expect(api.requests()).toEqual(requests.slice(0, 1))
    const { code, stdout } = await run([...words, '--yes', '--json'], { api: api.url })
    expect([code, JSON.parse(stdout)]).toEqual([0, { slug_perm: WEBHOOK.slug_perm, deleted: true }])
  })

  test('says that there is none', async () => {
    await using api = await startFakeApi(() => undefined)
    const { code, stderr } = await run([...words, '--yes'], { api: api.url })
    expect([code, stderr]).toEqual([1, 'error: acme has no such webhook. See postern webhooks list acme.\n'])
  })
})

test.each<[readonly string[], string]>([
  [['create', 'acme', 'http://inside'], '<url>'],
  [['update', 'acme', 'W1', '--url', 'http://inside'], '--url'],
])('what is wrong with a field is told by what was typed: %j', async (words, name) => {
  const body = { detail: 'Invalid input.', fields: { target_url: ['This must begin with https://.'] } }
  await using api = await startFakeApi(() => ({ status: 422, body }))
  const { code, stderr } = await run(['webhooks', ...words], { api: api.url })
  expect([code, stderr]).toEqual([
    1,
    `error: The management API refuses:\n  ${name}  This must begin with https://.\n`,
  ])
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

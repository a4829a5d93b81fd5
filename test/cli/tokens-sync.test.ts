import { expect, test } from 'vitest'
import { apiToken, startFakeApi, type Received, type Reply } from './fake-api.ts'
import { run } from './run.ts'

/** Two tokens in `stable`, one in `beta`. */
function twoRepositories({ method, url }: Received): Reply {
  if (method === 'POST') return { body: { tokens: [apiToken(), apiToken()] } }
  const count = url.startsWith('/entitlements/acme/stable/') ? '2' : '1'
  return { body: [apiToken()], headers: { 'x-pagination-count': count, 'x-pagination-pagetotal': count } }
}

const SYNC = ['tokens', 'sync', 'acme/stable', 'acme/beta']

test('sync says what is copied and what is lost before it asks, and then what there is', async () => {
  await using api = await startFakeApi(twoRepositories)
  const { code, stdout, questions } = await run(SYNC, { api: api.url, answer: 'y' })
  expect(questions).toEqual([
    'Copy 2 tokens of acme/stable to acme/beta? acme/beta loses 1 token, with what they have used. [y/N] ',
  ])
  expect(api.received.at(-1)).toMatchObject({
    method: 'POST',
    url: '/entitlements/acme/beta/sync/',
    body: { source: 'stable' },
  })
  expect([code, stdout]).toEqual([0, 'acme/beta now has 2 tokens, copied from acme/stable.\n'])
})

test('sync with --json prints what the API answered', async () => {
  await using api = await startFakeApi(twoRepositories)
  const { stdout } = await run([...SYNC, '--yes', '--json'], { api: api.url })
  expect(JSON.parse(stdout)).toEqual({ tokens: [apiToken(), apiToken()] })
})

test('sync changes nothing unless the answer is yes', async () => {
  await using api = await startFakeApi(twoRepositories)
  const { code, stderr } = await run(SYNC, { api: api.url, answer: 'no' })
  expect(code).not.toBe(0)
  expect(stderr).toContain('Nothing was changed.')
  expect(api.received.every(({ method }) => method === 'GET')).toBe(true)
})

test.each([
  ['other owners', ['acme/stable', 'umbrella/beta'], 'Both repositories must belong to the same owner.'],
  ['the repository itself', ['acme/beta', 'acme/beta'], 'The source and the target are the same repository.'],
  ['an owner', ['acme', 'acme/beta'], 'It must be owner/repo, like acme/stable.'],
])('sync refuses %s, and asks the API nothing', async (_, places, message) => {
  await using api = await startFakeApi(twoRepositories)
  const { code, stderr } = await run(['tokens', 'sync', ...places, '--yes'], { api: api.url })
  expect(code).not.toBe(0)
  expect(stderr).toContain(message)
  expect(api.received).toEqual([])
})

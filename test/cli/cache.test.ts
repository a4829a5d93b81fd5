import { expect, test } from 'vitest'
import { startFakeApi, type Reply } from './fake-api.ts'
import { run, type RunOptions } from './run.ts'

async function purge(
  args: readonly string[],
  reply: Reply = { body: { purged: 3 } },
  options: RunOptions = {},
) {
  await using api = await startFakeApi(() => reply)
  const ended = await run(['cache', 'purge', ...args], { api: api.url, ...options })
  return { ...ended, sent: api.received[0]?.body, requests: api.requests() }
}

test.each<[string[], object]>([
  [[], {}],
  [['acme/stable'], { repository: 'acme/stable' }],
  [['acme/stable', 'dists/stable'], { repository: 'acme/stable', path: 'dists/stable' }],
])('cache purge %j asks for it and says what was forgotten', async (args, body) => {
  const { code, stdout, stderr, sent, requests } = await purge(args)
  expect([code, stdout, stderr]).toEqual([0, 'Forgot 3 files.\n', ''])
  expect(requests).toEqual(['POST /cache/purge/'])
  expect(sent).toEqual(body)
})

test('cache purge speaks of one file in the singular, and of none', async () => {
  expect((await purge([], { body: { purged: 1 } })).stdout).toBe('Forgot 1 file.\n')
  expect((await purge([], { body: { purged: 0 } })).stdout).toBe('Forgot 0 files.\n')
})

test('cache purge --json prints the answer', async () => {
  expect(JSON.parse((await purge(['--json'])).stdout)).toEqual({ purged: 3 })
})

test('cache purge of an unknown repository says so', async () => {
  const body = { detail: 'Invalid input.', fields: { repository: ['There is no such repository.'] } }
  const { code, stdout, stderr } = await purge(['acme/nothing'], { status: 422, body })
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('There is no such repository.')
})

test('cache purge does not take a path for a repository', async () => {
  const { code, requests } = await purge(['dists/stable/InRelease'])
  expect([code, requests]).toEqual([2, []])
})

test('cache purge does not believe another answer', async () => {
  expect((await purge([], { body: { forgotten: 3 } })).code).toBe(2)
})

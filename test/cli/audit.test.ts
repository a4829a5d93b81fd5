import { expect, test } from 'vitest'
import { pageOf, startFakeApi } from './fake-api.ts'
import { run } from './run.ts'

const ENTRY = {
  actor: 'Operations',
  actor_ip_address: '192.0.2.7',
  event: 'repo.entitlement.updated',
  event_at: '2026-02-27T08:30:00.000Z',
  object: 'Example Ltd',
  object_slug_perm: '01JD0000000000000000000001',
  target: 'acme/stable',
  changes: { limit_num_downloads: { before: 10, after: null }, name: { before: 'a\u001b[31m', after: 'b' } },
}

test('audit asks for the lines that are wanted', async () => {
  await using api = await startFakeApi(() => pageOf([ENTRY]))
  const options = '--since 7d --until 2026-02-28 --token T1 --actor Operations --event cache.purged --page 2'
  const { code } = await run(['audit', 'acme/stable', ...options.split(' ')], { api: api.url })
  expect(code).toBe(0)
  const [request = ''] = api.requests()
  expect(request).toMatch(/^GET \/audit-log\/acme\/stable\/\?/)
  expect(Object.fromEntries(new URLSearchParams(request.split('?')[1]))).toEqual({
    page: '2',
    page_size: '30',
    since: '2026-02-22T12:00:00.000Z',
    until: '2026-02-28',
    object: 'T1',
    actor: 'Operations',
    event: 'cache.purged',
  })
})

test.each([
  [[], '/audit-log/'],
  [['acme'], '/audit-log/acme/'],
])('audit %j asks at %s', async (place, path) => {
  await using api = await startFakeApi(() => pageOf([ENTRY]))
  await run(['audit', ...place], { api: api.url })
  expect(api.requests()).toEqual([`GET ${path}?page=1&page_size=30`])
})

test('audit fits into a terminal of 80 columns', async () => {
  await using api = await startFakeApi(() => pageOf([ENTRY]))
  const { stdout } = await run(['audit'], { api: api.url, columns: 80 })
  expect(stdout).toBe(
    [
      'WHEN                 WHO         WHAT                 WHERE        OBJECT',
      '2026-02-27 08:30:00  Operations  entitlement.updated  acme/stable  Example Ltd',
      '',
    ].join('\n'),
  )
})

test('audit --details shows what changed, harmless to a terminal', async () => {
  await using api = await startFakeApi(() => pageOf([ENTRY]))
  const { stdout } = await run(['audit', '--details'], { api: api.url })
  const lines = stdout.split('\n')
  expect(lines[2]).toBe('    limit_num_downloads: 10 -> null')
  expect(lines[3]).toContain('name: "a')
  expect(stdout).not.toContain('\u001b')
})

test('audit --json prints what the API says', async () => {
  await using api = await startFakeApi(() => pageOf([ENTRY]))
  const { stdout } = await run(['audit', '--json'], { api: api.url })
  expect(JSON.parse(stdout)).toEqual([ENTRY])
})

test('audit says when there is nothing, and when there is more', async () => {
  await using none = await startFakeApi(() => pageOf([]))
  expect((await run(['audit'], { api: none.url })).stderr).toBe('There is no such line.\n')
  await using many = await startFakeApi(() => pageOf([ENTRY], 1, 3, 70))
  expect((await run(['audit'], { api: many.url })).stderr).toBe(
    'Page 1 of 3, 70 lines in all; --page 2 shows more.\n',
  )
})

test.each([
  ['--since', 'yesterday'],
  ['--until', '7x'],
])('audit refuses %s %s', async (option, value) => {
  const { code, stderr } = await run(['audit', option, value])
  expect(code).toBe(2)
  expect(stderr).toContain('It must be a date, an instant or a time ago, like 2030-12-31 or 7d.')
})

test('audit refuses a time that no calendar reaches, without asking', async () => {
  await using api = await startFakeApi(() => pageOf([ENTRY]))
  const { code, stderr } = await run(['audit', '--since', '999999999w'], { api: api.url })
  expect([code, api.requests()]).toEqual([2, []])
  expect(stderr).toBe('error: 999999999w is too long ago.\n')
})

test.each(['a/b/c', '../x', 'acme/'])('audit refuses the place %s', async (place) => {
  expect((await run(['audit', place])).code).toBe(2)
})

import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { apiToken, pageOf, startFakeApi, type FakeApi, type Received, type Reply } from './fake-api.ts'
import { run } from './run.ts'

const ID = '01JD0000000000000000000001'
const SELF = `/entitlements/acme/stable/${ID}`
const folder = mkdtempSync(join(tmpdir(), 'postern-export-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** An API with one token, which answers other requests with `reply`. */
function withToken(reply: (request: Received) => Reply | undefined): Promise<FakeApi> {
  return startFakeApi((request) => (request.url === `${SELF}/` ? { body: apiToken() } : reply(request)))
}

const USAGE = {
  interval: 'hour',
  total: { downloads: 9, bandwidth: 3_500_000, clients: 2, refusals: { token_expired: 4 } },
  buckets: [
    { start: '2026-03-01T10:00:00.000Z', downloads: 8, bandwidth: 500_000, clients: 1, refusals: {} },
    { start: '2026-03-01T11:00:00.000Z', downloads: 1, bandwidth: 3_000_000, clients: 2, refusals: {} },
  ],
}

describe('postern usage OWNER/REPO TOKEN', () => {
  test('draws a bar for each hour, and tells the sums', async () => {
    await using api = await withToken(() => ({ body: USAGE }))
    const { code, stdout } = await run(
      ['usage', 'acme/stable', ID, '--interval', 'hour', '--start', '2026-03-01'],
      {
        api: api.url,
        columns: 40,
      },
    )
    expect(code).toBe(0)
    expect(api.requests().at(-1)).toBe(`GET ${SELF}/usage/?interval=hour&start=2026-03-01`)
    expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'Example Ltd',
      '',
      `2026-03-01 10:00  ${'█'.repeat(19)}  8`,
      '2026-03-01 11:00  ██▍                  1',
      '',
      '  downloads               9',
      '  sent                    3.5 MB',
      '  clients                 2',
      '  refused: token_expired  4',
      '',
    ])
  })

  test('draws bytes when asked, in ASCII where the locale is no UTF-8', async () => {
    await using api = await withToken(() => ({ body: USAGE }))
    const options = { api: api.url, columns: 60, environment: { LC_ALL: 'C' } }
    const { stdout } = await run(['usage', 'acme/stable', ID, '--bandwidth'], options)
    expect(stdout).toMatch(/2026-03-01  #{6} +500.0 kB\n2026-03-01  #{38}  +3.0 MB\n/)
    expect(stdout).toMatch(/^[\n -~]*$/)
  })

  test('prints the answer of the API with --json', async () => {
    await using api = await withToken(() => ({ body: USAGE }))
    const { stdout } = await run(['usage', 'acme/stable', ID, '--json'], { api: api.url })
    expect(JSON.parse(stdout)).toEqual(USAGE)
  })

  test('is no for a token that does not exist', async () => {
    await using api = await startFakeApi(({ url }) => (url.includes('query') ? pageOf([]) : undefined))
    const { code, stderr } = await run(['usage', 'acme/stable', ID], { api: api.url })
    expect([code, stderr]).toEqual([1, expect.stringContaining('has no token')])
  })
})

test('postern usage OWNER/REPO tells what all tokens and packages add up to', async () => {
  const metrics = (scale: number) => ({
    active: 2,
    inactive: 1,
    total: 3,
    bandwidth: {
      lowest: { value: 1_000 * scale },
      highest: { value: 3_000 * scale },
      total: { value: 4_000 * scale },
    },
    downloads: { lowest: { value: scale }, highest: { value: 3 * scale }, total: { value: 4 * scale } },
  })
  await using api = await startFakeApi(({ url }) =>
    url.startsWith('/metrics/entitlements/acme/stable/')
      ? { body: { tokens: metrics(1) } }
      : { body: { packages: metrics(2) } },
  )
  const { stdout } = await run(['usage', 'acme/stable', '--finish', '2026-01-31'], { api: api.url })
  expect(stdout).toContain('tokens     2 of 3 with downloads')
  expect(stdout).toContain('downloads  4 in all, 1 to 3 for each such token')
  expect(stdout).toContain('sent       8.0 kB in all, 2.0 kB to 6.0 kB for each such package')
  expect(api.requests()[1]).toBe('GET /metrics/packages/acme/stable/?finish=2026-01-31')
})

describe('postern usage clients', () => {
  test('lists them', async () => {
    const client = {
      address: '2001:db8::/64',
      downloads: 3,
      first_seen_at: null,
      last_seen_at: '2026-02-01T00:00:00Z',
    }
    await using api = await withToken(() => pageOf([client]))
    const { stdout } = await run(['usage', 'clients', 'acme/stable', ID], { api: api.url })
    expect(stdout.split('\n')[1]).toMatch(/^2001:db8::\/64 +3 +- +2026-02-01 00:00 UTC$/)
    expect(api.requests().at(-1)).toBe(`GET ${SELF}/clients/?page=1&page_size=30`)
  })

  test('releases one', async () => {
    await using api = await withToken(({ method }) => (method === 'DELETE' ? { status: 204 } : undefined))
    const args = ['usage', 'clients', 'acme/stable', ID, '--release', '2001:db8::/64']
    expect(await run(args, { api: api.url })).toMatchObject({ code: 0, stdout: 'Released 2001:db8::/64.\n' })
    expect(api.requests().at(-1)).toBe(`DELETE ${SELF}/clients/2001%3Adb8%3A%3A%2F64/`)
  })

  test('says no when there is no such client', async () => {
    await using api = await withToken(() => undefined)
    const args = ['usage', 'clients', 'acme/stable', ID, '--release', '192.0.2.9']
    expect(await run(args, { api: api.url })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no such client'),
    })
  })
})

test.each([
  [['packages', 'acme/stable'], '/packages/acme/stable/?page=1&page_size=30'],
  [['packages', 'acme/stable', ID, '--query', 'wid'], `${SELF}/packages/?page=1&page_size=30&query=wid`],
  [
    ['who', 'acme/stable', '@acme/widget', '--package-version', '1.0'],
    '/usage/acme/stable/packages/%40acme%2Fwidget/?page=1&page_size=30&version=1.0',
  ],
  [
    ['log', 'acme/stable', '--limit', '5', '--package', 'w', '--client', '192.0.2.1'],
    '/downloads/acme/stable/?page_size=5&package=w&client=192.0.2.1',
  ],
])('postern usage %j asks for %s, and says when there is nothing', async (args, url) => {
  await using api = await withToken(() => pageOf([]))
  const { code, stdout, stderr } = await run(['usage', ...args], { api: api.url })
  expect([code, stdout]).toEqual([0, ''])
  expect(stderr).not.toBe('')
  expect(api.requests().at(-1)).toBe(`GET ${url}`)
  expect((await run(['usage', ...args, '--json'], { api: api.url })).stdout).toBe('[]\n')
})

test('a page behind the last is not taken for an empty list', async () => {
  await using api = await withToken(() => pageOf([], 9, 1, 3))
  const { stderr } = await run(['usage', 'packages', 'acme/stable', '--page', '9'], { api: api.url })
  expect(stderr).toBe('Page 9 is empty; there are 3 in all.\n')
})

test('nothing of what customers choose reaches the terminal as a command', async () => {
  const row = {
    time: '2026-01-01T00:00:00Z',
    token_name: 'a\u001b[31mb',
    package: 'p\u202eq',
    client: 'c',
    downloads: 1,
  }
  await using api = await withToken(() => ({ body: [row] }))
  const { stdout } = await run(['usage', 'log', 'acme/stable'], { api: api.url })
  expect(stdout).toContain('a?[31mb')
  expect(stdout).toContain('p?q')
})

test('no name that the API gives to a refusal reaches the terminal as a command', async () => {
  const body = { ...USAGE, total: { ...USAGE.total, refusals: { 'x\u001b[31m': 4 } } }
  await using api = await withToken(() => ({ body }))
  const { stdout } = await run(['usage', 'acme/stable', ID], { api: api.url })
  expect(stdout).toContain('refused: x?[31m')
})

describe('postern usage export', () => {
  const LINES = '{"id":"1"}\n{"id":"2"}\n'

  test('prints the log as it comes, and tells at the end how much it was', async () => {
    await using api = await startFakeApi(() => ({ body: LINES }))
    const args = ['usage', 'export', 'acme/stable', '--token', ID, '--start', '2026-01-01']
    const { code, stdout, stderr } = await run(args, { api: api.url, key: 'k' })
    expect([code, stdout, stderr]).toEqual([0, LINES, '2 downloads, 22 B\n'])
    expect(api.requests()).toEqual([`GET /downloads/acme/stable/?format=jsonl&start=2026-01-01&token=${ID}`])
    expect(api.received[0]?.headers['x-api-key']).toBe('k')
  })

  test('writes a new file that only its owner can read, and shows progress at a terminal', async () => {
    await using api = await startFakeApi(() => ({ body: 'head\r\na\r\n' }))
    const file = join(folder, 'new.csv')
    const args = ['usage', 'export', 'acme/stable', '--format', 'csv', '--output', file]
    const { code, stdout, stderr } = await run(args, { api: api.url, columns: 80 })
    expect([code, stdout, readFileSync(file, 'utf8')]).toEqual([0, '', 'head\r\na\r\n'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(stderr.endsWith('\r\u001b[K1 download, 9 B\n')).toBe(true)
  })

  test('writes over no file', async () => {
    await using api = await startFakeApi(() => ({ body: LINES }))
    const file = join(folder, 'old.jsonl')
    writeFileSync(file, 'mine')
    const args = ['usage', 'export', 'acme/stable', '--output', file]
    expect(await run(args, { api: api.url })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is there already'),
    })
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  test('has its name only when it is whole, and removes what a killed one left', async () => {
    await using api = await startFakeApi(() => ({ body: LINES }))
    const file = join(folder, 'whole.jsonl')
    writeFileSync(`${file}.unfinished`, 'left behind')
    const args = ['usage', 'export', 'acme/stable', '--output', file]
    expect(await run(args, { api: api.url })).toMatchObject({ code: 0 })
    expect(readFileSync(file, 'utf8')).toBe(LINES)
    expect(readdirSync(folder).filter((name) => name.startsWith('whole'))).toEqual(['whole.jsonl'])
  })

  test.each([200, 422])('that breaks off after a %i is a failure', async (status) => {
    await using api = await startFakeApi(() => ({
      status,
      headers: { 'content-length': '100' },
      body: LINES,
    }))
    const file = join(folder, `part-${status}.jsonl`)
    const args = ['usage', 'export', 'acme/stable', '--output', file]
    const ended = run(args, { api: api.url })
    await expect.poll(() => api.received.length).toBe(1)
    await api[Symbol.asyncDispose]()
    expect(await ended).toMatchObject({ code: 2, stderr: expect.stringContaining("can't be reached") })
    // A part must not pass for the whole.
    expect(readdirSync(folder).filter((name) => name.startsWith('part-'))).toEqual([])
  })

  test('says what is wrong with a filter', async () => {
    const body = { detail: 'Invalid input.', fields: { start: ['This is no date.'] } }
    await using api = await startFakeApi(() => ({ status: 422, body }))
    const { code, stderr } = await run(['usage', 'export', 'acme/stable', '--start', 'x'], { api: api.url })
    expect([code, stderr]).toEqual([1, expect.stringContaining('This is no date.')])
  })
})

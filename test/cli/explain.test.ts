import { expect, test } from 'vitest'
import { startFakeApi } from './fake-api.ts'
import { run, type RunOptions } from './run.ts'

const SECRET = 'ptkAbCdEfGhIjKlMnOpQrStUvWxYz012345'

const ALLOWED = {
  allowed: true,
  steps: [
    { step: 'target', ok: true, result: 'acme/files (raw), path "a.txt"' },
    { step: 'credential', ok: true, result: 'the secret is in the path' },
    { step: 'token', ok: true, result: '01JD "Example Ltd" of acme/files' },
    { step: 'limits', ok: true, result: 'this would be download 3 (of 10)' },
  ],
  answer: { status: 200 },
}
const REFUSED = {
  allowed: false,
  steps: [
    { step: 'target', ok: true, result: 'acme/files (raw), path "internal/a.txt"' },
    {
      step: 'decide',
      ok: false,
      result: 'Package not covered by token. The token does not cover this file. Ask your vendor.',
    },
  ],
  answer: {
    status: 403,
    code: 'package_not_covered',
    title: 'Package not covered by token',
    detail: 'The token does not cover this file. Ask your vendor.',
  },
}

async function explain(args: readonly string[], body: unknown, options: RunOptions = {}) {
  await using api = await startFakeApi(() => ({ body }))
  const ended = await run(['explain', ...args], { api: api.url, ...options })
  return { ...ended, sent: api.received[0]?.body, requests: api.requests() }
}

test('prints each step and what the client would get', async () => {
  const { code, stdout, requests } = await explain([SECRET, 'acme/files/a.txt'], ALLOWED, { columns: 80 })
  expect(requests).toEqual(['POST /explain/'])
  expect(code).toBe(0)
  expect(stdout).toBe(`GET /ptkAbC…/acme/files/a.txt

✓ target      acme/files (raw), path "a.txt"
✓ credential  the secret is in the path
✓ token       01JD "Example Ltd" of acme/files
✓ limits      this would be download 3 (of 10)

Allowed: the client gets 200.
`)
})

test('a refusal ends with 1 and wraps in a narrow terminal', async () => {
  const { code, stdout } = await explain([SECRET, 'acme/files/internal/a.txt'], REFUSED, { columns: 50 })
  expect(code).toBe(1)
  expect(stdout).toBe(`GET /ptkAbC…/acme/files/internal/a.txt

✓ target  acme/files (raw), path "internal/a.txt"
✗ decide  Package not covered by token. The token
          does not cover this file. Ask your
          vendor.

Refused: the client gets 403 Package not covered
by token (package_not_covered).
`)
})

test('the detail is told at the end when no step told it', async () => {
  const { stdout } = await explain([SECRET, 'acme/files/a.txt'], { ...REFUSED, steps: [] })
  expect(stdout).toMatch(
    /\(package_not_covered\)\. The token does not cover this file\. Ask your vendor\.\n$/,
  )
})

test.each([
  ['is piped', {}],
  ['has another character set', { columns: 80, environment: { LC_ALL: 'C' } }],
])('output that %s is plain ASCII', async (_, options) => {
  const { stdout } = await explain([SECRET, 'acme/files/a.txt'], ALLOWED, options)
  expect(stdout).toContain('GET /ptkAbC.../acme/files/a.txt\n\n[ok] target      acme')
  expect(stdout).toMatch(/^[\n -~]*$/)
})

test.each([
  ['owner/repo/path', [SECRET, 'acme/files/a.txt'], { target: `/${SECRET}/acme/files/a.txt` }],
  ['/owner/repo/path', [SECRET, '/acme/files/a.txt'], { target: `/${SECRET}/acme/files/a.txt` }],
  ['a path with the secret', [SECRET, `/${SECRET}/acme/files/a`], { target: `/${SECRET}/acme/files/a` }],
  ['a path with the secret alone', [`/${SECRET}/acme/files/a`], { target: `/${SECRET}/acme/files/a` }],
  ['a path as conda writes it', [SECRET, `/t/${SECRET}/acme/c/a`], { target: `/t/${SECRET}/acme/c/a` }],
  ['a public path', [SECRET, '/public/acme/free/a'], { target: '/public/acme/free/a' }],
  [
    'a URL with the secret',
    [`https://pkg.example.com:8443/${SECRET}/acme/js/@a%2fb?write=true#x`],
    { target: `/${SECRET}/acme/js/@a%2fb?write=true`, host: 'pkg.example.com:8443' },
  ],
  [
    'a URL without the secret',
    [SECRET, 'https://pkg.example.com/acme/files/a'],
    { target: `/${SECRET}/acme/files/a`, host: 'pkg.example.com' },
  ],
  [
    'a path that takes the secret from a header',
    [SECRET, '/basic/acme/files/a'],
    { target: '/basic/acme/files/a', authorization: `Basic ${btoa(`token:${SECRET}`)}` },
  ],
  [
    'a URL with credentials',
    [`https://token:${SECRET}@pkg.example.com/basic/acme/files/a`],
    {
      target: '/basic/acme/files/a',
      host: 'pkg.example.com',
      authorization: `Basic ${btoa(`token:${SECRET}`)}`,
    },
  ],
  [
    'a URL with the secret as its user',
    [`https://${SECRET}@pkg.example.com/basic/acme/files/a`],
    { target: '/basic/acme/files/a', host: 'pkg.example.com', authorization: `Basic ${btoa(`${SECRET}:`)}` },
  ],
  ['a name with spaces', [SECRET, 'acme/files/ä b'], { target: `/${SECRET}/acme/files/%C3%A4%20b` }],
  ['an odd spelling', [SECRET, 'acme/files/a/../%2e'], { target: `/${SECRET}/acme/files/a/../%2e` }],
])('asks about %s as a client would, and never prints the secret', async (_, args, expected) => {
  const { sent, stdout, stderr } = await explain(args, ALLOWED)
  expect(sent).toEqual({ method: 'GET', ...expected })
  expect(stdout + stderr).not.toContain(SECRET)
})

test('hands method, client and host on', async () => {
  const extra = ['--method', 'HEAD', '--client', '203.0.113.7', '--host', 'pkg.example.com']
  const { sent } = await explain([SECRET, 'acme/files/a', ...extra], ALLOWED)
  expect(sent).toMatchObject({ method: 'HEAD', client: '203.0.113.7', host: 'pkg.example.com' })
})

test('hides the secret wherever the answer repeats it, in JSON too', async () => {
  const leaky = { ...ALLOWED, steps: [{ step: 'target', ok: true, result: `path ${SECRET}/${SECRET}` }] }
  for (const extra of [[], ['--json']]) {
    const { stdout } = await explain([SECRET, 'acme/files/a', ...extra], leaky)
    expect(stdout).toContain('path ptkAbC.../ptkAbC...')
    expect(stdout).not.toContain(SECRET)
  }
})

test('hides a secret that was pasted with a space', async () => {
  const { stdout } = await explain([`${SECRET} `, 'acme/files/a'], ALLOWED)
  expect(stdout).not.toContain(SECRET)
})

test('superfluous arguments are not repeated: one may be a secret', async () => {
  const { code, stderr } = await run(['explain', SECRET, 'acme/files/a', 'x'])
  expect([code, stderr]).toEqual([
    2,
    "error: too many arguments for 'explain'. Expected 2 arguments but got 3.\n(--help says more)\n",
  ])
})

test('prints the answer as JSON, with the same exit code', async () => {
  const { code, stdout } = await explain([SECRET, 'acme/files/a', '--json'], REFUSED)
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toEqual(REFUSED)
})

test('a secret alone asks for the path', async () => {
  const { code, stderr } = await run(['explain', SECRET])
  expect([code, stderr]).toEqual([
    2,
    'error: PATH is missing: postern explain SECRET owner/repo/path, or a URL that holds the secret.\n',
  ])
})

test('a refusal of the API itself is not taken for one of the request', async () => {
  await using api = await startFakeApi(() => ({
    status: 422,
    body: { detail: 'Invalid input.', fields: { client: ['This must be an IP address.'] } },
  }))
  const { code, stderr } = await run(['explain', SECRET, 'acme/files/a'], { api: api.url })
  expect([code, stderr]).toEqual([
    2,
    'error: The management API refuses:\n  client  This must be an IP address.\n',
  ])
})

test.each([null, {}, { allowed: true }, { allowed: 'yes', answer: { status: 200 } }])(
  'the answer %j is no explanation',
  async (body) => {
    const { code } = await explain([SECRET, 'acme/files/a'], body)
    expect(code).toBe(2)
  },
)

import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { get } from '../support/requests.ts'
import { FILES, startAskedGate, TOOL, TOOL_BYTES, type Asked } from './asking.ts'

const FAR = { limit_num_downloads: 100 } as const
const UMLAUT = 'tool/2.0/tool 2.0+ü.bin'
const ENCODED = 'tool/2.0/tool%202.0%2B%C3%BC.bin'

let asked: Asked
let secret: string

beforeAll(async () => {
  asked = await startAskedGate()
  secret = (await asked.gate().createToken(FILES, FAR)).token
}, 120_000)

afterAll(async () => {
  await asked?.[Symbol.asyncDispose]()
})

const FOR = { 'X-Forwarded-For': '198.51.100.9' }

/** As each proxy's manual has it. */
const ASKING: Readonly<
  Record<string, (target: string, method?: string) => Promise<Awaited<ReturnType<typeof get>>>>
> = {
  nginx: (target, method = 'GET') =>
    asked.askAs('/nginx', { ...FOR, 'X-Original-Method': method, 'X-Original-URI': target }),
  haproxy: (target, method = 'GET') =>
    asked.askAs('/haproxy', { ...FOR, 'X-Original-Method': method, 'X-Original-URI': target }),
  caddy: (target, method = 'GET') =>
    asked.askAs('/caddy', { ...FOR, ...forwarded(target, method), 'X-Forwarded-Proto': 'https' }),
  traefik: (target, method = 'GET') =>
    asked.askAs('/traefik', { ...FOR, ...forwarded(target, method), 'X-Forwarded-Proto': 'https' }),
  envoy: (target, method = 'GET') =>
    asked.askAs(`/envoy${target}`, { ...FOR, Host: 'packages.example.com', 'Content-Length': '0' }, method),
}

function forwarded(target: string, method: string): Record<string, string> {
  return {
    'X-Forwarded-Method': method,
    'X-Forwarded-Uri': target,
    'X-Forwarded-Host': 'packages.example.com',
  }
}

const PROXIES = Object.keys(ASKING).map((name) => ({ name, ask: ASKING[name] ?? ASKING['nginx'] }))

test.each(PROXIES)('$name is told which file to send', async ({ ask }) => {
  const answer = await ask?.(`/${secret}/${FILES}/${ENCODED}`)
  expect(answer).toMatchObject({
    status: 200,
    headers: {
      'x-postern-serve': 'storage',
      'x-postern-repository': FILES,
      'x-postern-path': ENCODED,
      'x-postern-file': Buffer.from(UMLAUT).toString('latin1'),
      'x-postern-delivery': expect.stringMatching(/^[\w-]+\.[\w-]+$/),
      'cache-control': 'no-store',
    },
  })
  expect(answer?.body).toHaveLength(0)
})

const FULL = PROXIES.filter(({ name }) => name !== 'nginx')

test.each(FULL)('$name is given the whole refusal of an unknown secret', async ({ ask }) => {
  const answer = await ask?.(`/nobody-has-this/${FILES}/${TOOL}`)
  expect(answer).toMatchObject({ status: 403, reason: 'Unknown token' })
  expect(answer?.headers).toMatchObject({ 'x-error-code': 'token_unknown' })
  expect(answer?.body.toString()).toContain('not known')
})

test('nginx, which knows two statuses, is told which refusal it is', async () => {
  const answer = await ASKING['nginx']?.(`/basic/${FILES}/${TOOL}`)
  expect(answer).toMatchObject({
    status: 403,
    headers: { 'x-postern-refusal': 'credential_missing', 'x-postern-status': '401' },
  })
  expect(answer?.headers['www-authenticate']).toBeUndefined()
})

test.each(PROXIES)('$name may ask for GET and HEAD alone', async ({ name, ask }) => {
  const path = `/${secret}/${FILES}/${TOOL}`
  expect((await ask?.(path, 'HEAD'))?.status).toBe(200)
  expect((await ask?.(path, 'POST'))?.status).toBe(name === 'nginx' ? 403 : 405)
})

test.each(PROXIES)('$name is sent to the gate for what the gate makes itself', async ({ name, ask }) => {
  const answer = await ask?.(`/${secret}/${FILES}/`)
  expect(answer?.headers['x-postern-delivery']).toBeUndefined()
  expect(answer?.headers['x-postern-serve']).toBe(name === 'traefik' ? undefined : 'gate')
  expect(answer?.status).toBe({ traefik: 501, nginx: 403 }[name] ?? 200)
})

test('traefik gets no path that another server may read differently, and nothing is charged for it', async () => {
  const token = await asked.gate().createToken(FILES, FAR)
  const ask = (path: string) => ASKING['traefik']?.(`/${token.token}/${FILES}/${path}`)
  for (const odd of ['tool/./1.0/tool-1.0.bin', 'tool//1.0/tool-1.0.bin', 'tool/%2e/1.0/tool-1.0.bin'])
    expect((await ask(odd))?.headers['x-error-code']).toBe('path_ambiguous')
  expect((await asked.gate().readToken(FILES, token.slug_perm)).downloads).toBe(0)
  for (const plain of [TOOL, TOOL.replaceAll('o', '%6f'), `${TOOL}?x=/../y`])
    expect((await ask(plain))?.status).toBe(200)
})

test('a request is decided about as the gate would, with the part of the file that was charged', async () => {
  const token = await asked.gate().createToken(FILES, FAR)
  const ranged = await asked.ask(token.token, TOOL, { Range: 'bytes=100-199' })
  expect(ranged.headers['x-postern-range']).toBe('bytes=100-199')
  for (const Range of ['bytes=0-', 'bytes=-999999999', 'bytes=5-1', 'bytes=0-1,5-6', 'lines=1-2'])
    expect((await asked.ask(token.token, TOOL, { Range })).headers['x-postern-range']).toBeUndefined()
  // Whether the front takes the file for the same one, nobody knows: the whole is charged.
  const doubtful = await asked.ask(token.token, TOOL, { Range: 'bytes=100-199', 'If-Range': '"tag"' })
  expect(doubtful.headers['x-postern-range']).toBeUndefined()
  expect(doubtful.status).toBe(200)
})

test('what the client has already is for the gate to say', async () => {
  const token = await asked.gate().createToken(FILES, FAR)
  const answer = await asked.ask(token.token, TOOL, { 'If-Modified-Since': new Date().toUTCString() })
  expect(answer.headers['x-postern-serve']).toBe('gate')
  expect((await asked.gate().readToken(FILES, token.slug_perm)).downloads).toBe(0)
})

test('the customer is warned as by the gate', async () => {
  const token = await asked.gate().createToken(FILES, {
    limit_num_downloads: 3,
    limit_bandwidth: TOOL_BYTES,
    limit_bandwidth_unit: 'Byte',
  })
  expect((await asked.ask(token.token)).headers).toMatchObject({
    'x-postern-downloads-left': '2',
    'x-postern-bandwidth-left': '0',
  })
})

test.each(['config/envoy/envoy.yaml', 'config/traefik/postern.yaml'])('%s is YAML', async (file) => {
  expect(parse(await readFile(file, 'utf8'))).toBeTypeOf('object')
})

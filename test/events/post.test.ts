import { describe, expect, test } from 'vitest'
import { post, type PostOptions } from '../../src/events/post.ts'
import { createTargetRules } from '../../src/policy/webhook-target.ts'
import { startTarget } from './target.ts'

const LOOPBACK = createTargetRules({ allowsHttp: true, networks: ['127.0.0.0/8'] })
const STRICT = createTargetRules({ allowsHttp: true, networks: [] })

function options(fields: Partial<PostOptions> = {}): PostOptions {
  return {
    rules: LOOPBACK,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    timeoutMs: 3_000,
    ...fields,
  }
}

const ONE = { headers: { 'Content-Type': 'application/json', 'X-Test': '1' }, body: '{"ü":1}' }

test('sends body and headers, and gives the status', async () => {
  await using target = await startTarget()
  expect(await post({ ...ONE, url: `${target.url}/hooks?a=b` }, options())).toEqual({ status: 204 })
  expect(target.received[0]).toMatchObject({
    body: { ü: 1 },
    headers: { 'x-test': '1', host: `127.0.0.1:${target.port}` },
  })
})

test('connects to the address that was judged, and names the host that was asked for', async () => {
  await using target = await startTarget()
  const posted = await post({ ...ONE, url: `http://hooks.example.com:${target.port}/` }, options())
  expect(posted).toEqual({ status: 204 })
  expect(target.received[0]?.headers.host).toBe(`hooks.example.com:${target.port}`)
})

test('looks a name up once for each attempt: another answer afterwards changes nothing', async () => {
  await using target = await startTarget()
  let asked = 0
  const resolve: PostOptions['resolve'] = async () => [
    { address: asked++ === 0 ? '127.0.0.1' : '10.0.0.1', family: 4 },
  ]
  await post({ ...ONE, url: `http://rebinding.example.com:${target.port}/` }, options({ resolve }))
  expect(asked).toBe(1)
  expect(target.received).toHaveLength(1)
})

test.each([
  ['any of its addresses is not public', ['93.184.216.34', '10.0.0.7']],
  ['it is the loopback address', ['127.0.0.1']],
  ['it is the loopback address of IPv6', ['::1']],
  ['it is a mapped private address', ['::ffff:10.0.0.1']],
  ['it is a metadata service', ['169.254.169.254']],
  ['it is no address', ['somewhere']],
])('a name is refused when %s', async (_why, addresses) => {
  await using target = await startTarget()
  const resolve = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const posted = await post(
    { ...ONE, url: `http://inside.example.com:${target.port}/` },
    options({ rules: STRICT, resolve }),
  )
  expect(posted).toEqual({ error: 'The target has an address that is not public.' })
  expect(target.received).toEqual([])
})

test('a redirect is an answer like others, and not followed', async () => {
  await using inside = await startTarget()
  await using target = await startTarget()
  target.answerWith(307, { Location: `${inside.url}/secret` })
  expect(await post({ ...ONE, url: target.url }, options())).toEqual({ status: 307 })
  expect(inside.received).toEqual([])
})

test('a target that says nothing is given up in time', async () => {
  await using target = await startTarget()
  target.answerWith('silent')
  expect(await post({ ...ONE, url: target.url }, options({ timeoutMs: 150 }))).toEqual({
    error: 'No answer within 0.15 s.',
  })
})

test('a look-up that never ends is given up in time', async () => {
  const resolve = (): Promise<never> => new Promise(() => undefined)
  const posted = await post({ ...ONE, url: 'http://slow.example.com/' }, options({ resolve, timeoutMs: 100 }))
  expect(posted).toEqual({ error: 'No answer within 0.1 s.' })
})

test('of a large answer only a little is read, and nothing of it comes back', async () => {
  await using target = await startTarget()
  target.answerWith(500, {}, 'x'.repeat(8_000_000))
  expect(await post({ ...ONE, url: target.url }, options())).toEqual({ status: 500 })
})

describe('failures are told as sentences', () => {
  test('of a port where nobody listens', async () => {
    const target = await startTarget()
    await target[Symbol.asyncDispose]()
    expect(await post({ ...ONE, url: target.url }, options())).toEqual({
      error: 'The target refuses connections.',
    })
  })

  test('of a name that nobody knows', async () => {
    const resolve = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    expect(await post({ ...ONE, url: 'http://nobody.example.com/' }, options({ resolve }))).toEqual({
      error: 'The name of the target is not known.',
    })
  })

  test('of a target that does not speak TLS', async () => {
    await using target = await startTarget()
    const posted = await post({ ...ONE, url: `https://127.0.0.1:${target.port}/` }, options())
    expect(posted).toMatchObject({
      error: expect.stringMatching(/^(The certificate|It failed|The target cut)/),
    })
  })

  test('of a URL that is no longer allowed', async () => {
    const rules = createTargetRules({ allowsHttp: false, networks: [] })
    expect(await post({ ...ONE, url: 'http://example.com/' }, options({ rules }))).toEqual({
      error: 'The target URL must begin with https://.',
    })
  })
})

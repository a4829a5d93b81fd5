import { describe, expect, test } from 'vitest'
import { createObjectStore } from '../../../src/deliver/cache/object-store.ts'
import { refuse } from '../../../src/policy/refusal.ts'
import { artifactAt, deliver, orderFor, refusalOf } from '../orders.ts'
import { createRig, dateAt, found, foundWith, TTL_MS, unchanged, type Reply } from './rig.ts'

const OLD = dateAt(-3_600)
const VALIDATED = { etag: '"1"', 'last-modified': OLD, date: dateAt(0) }

test('a second order is answered from memory, with the same bytes and headers and its age', async () => {
  const headers = { 'content-type': 'text/plain', 'x-vendor': 'kept', 'accept-ranges': 'bytes', ...VALIDATED }
  const { deliverer, orders, results, advance } = createRig(() => found('index', headers))
  const first = await deliver(deliverer, orderFor('a'))
  advance(1_500)
  const second = await deliver(deliverer, orderFor('a'))
  expect(orders).toHaveLength(1)
  expect(results).toEqual(['miss', 'hit'])
  for (const answer of [first, second]) {
    expect(answer).toMatchObject({ status: 200, extent: { start: 0, end: 5, size: 5 } })
    expect(answer.content.toString()).toBe('index')
    expect(answer.sent).toEqual({ bytes: 5, complete: true, upstreamFailed: false })
    for (const [name, value] of Object.entries(headers)) expect(answer.header(name)).toBe(value)
    expect(answer.header('content-length')).toBe('5')
  }
  expect([first.header('age'), second.header('age')]).toEqual([undefined, '1'])
})

test('adds the time in memory to the age that the storage gave', async () => {
  const { deliverer, advance } = createRig(() => found('a', { age: '40', 'cache-control': 'max-age=100' }))
  expect((await deliver(deliverer, orderFor('a'))).header('age')).toBe('40')
  advance(10_000)
  expect((await deliver(deliverer, orderFor('a'))).header('age')).toBe('50')
})

test('without a word of the storage an answer is fresh for the configured time and not a moment longer', async () => {
  const { deliverer, orders, advance } = createRig((_, number) => found(`version ${number}`))
  await deliver(deliverer, orderFor('a'))
  advance(TTL_MS - 1)
  expect((await deliver(deliverer, orderFor('a'))).content.toString()).toBe('version 1')
  advance(1)
  expect((await deliver(deliverer, orderFor('a'))).content.toString()).toBe('version 2')
  expect(orders).toHaveLength(2)
})

test('the storage’s own word counts, longer or shorter, from when the answer was made', async () => {
  const { deliverer, orders, advance } = createRig(() =>
    found('a', { 'cache-control': 'max-age=60', age: '50' }),
  )
  await deliver(deliverer, orderFor('a'))
  advance(9_999)
  await deliver(deliverer, orderFor('a'))
  expect(orders).toHaveLength(1)
  advance(1)
  await deliver(deliverer, orderFor('a'))
  expect(orders).toHaveLength(2)
})

test('time in which the storage was slow counts as age', async () => {
  const rig = createRig(() => {
    rig.advance(TTL_MS)
    return found('a')
  })
  await deliver(rig.deliverer, orderFor('a'))
  await deliver(rig.deliverer, orderFor('a'))
  expect(rig.orders).toHaveLength(2)
})

test('asks whether an answer is still current, and uses it again after a 304', async () => {
  const { deliverer, orders, results, advance, reply } = createRig(() => found('a', VALIDATED))
  await deliver(deliverer, orderFor('a', { headers: { accept: '*/*' } }))
  reply(() => unchanged({ etag: '"1"', date: dateAt(10), 'x-vendor': 'new' }))
  advance(10_000)
  const renewed = await deliver(deliverer, orderFor('a', { headers: { accept: '*/*' } }))
  expect(orders.at(-1)).toMatchObject({ method: 'GET' })
  expect(orders.at(-1)?.headers).toEqual({ accept: '*/*', 'if-none-match': '"1"', 'if-modified-since': OLD })
  expect(renewed).toMatchObject({ status: 200, content: Buffer.from('a') })
  expect(renewed.header('x-vendor')).toBe('new')
  expect(renewed.header('date')).toBe(dateAt(10))
  advance(TTL_MS - 1)
  expect((await deliver(deliverer, orderFor('a'))).header('x-vendor')).toBe('new')
  expect(results).toEqual(['miss', 'revalidated', 'hit'])
})

test('a 304 gives a new lifetime, and takes an age that is over away', async () => {
  const { deliverer, orders, advance, reply } = createRig(() =>
    found('a', { ...VALIDATED, age: '50', 'cache-control': 'max-age=60' }),
  )
  await deliver(deliverer, orderFor('a'))
  reply(() => unchanged({ date: dateAt(10) }))
  advance(10_000)
  expect((await deliver(deliverer, orderFor('a'))).header('age')).toBeUndefined()
  advance(59_000)
  await deliver(deliverer, orderFor('a'))
  expect(orders).toHaveLength(2)
})

test.each([
  ['speaks of another version', { etag: '"2"' }],
  ['dates another version', { 'last-modified': OLD.replace('11:', '10:') }],
  ['forbids to keep the answer', { 'cache-control': 'no-store' }],
])('a 304 that %s makes the cache ask for the whole', async (_, headers) => {
  const { deliverer, orders, advance, reply } = createRig(() => found('a', VALIDATED))
  await deliver(deliverer, orderFor('a'))
  reply(({ headers: asked }) => (asked['if-none-match'] ? unchanged(headers) : found('b')))
  advance(TTL_MS)
  expect((await deliver(deliverer, orderFor('a'))).content.toString()).toBe('b')
  expect(orders.map((order) => order.headers['if-none-match'])).toEqual([undefined, '"1"', undefined])
})

test('a file that was modified right before it was sent is fetched again, not asked about', async () => {
  const { deliverer, orders, advance } = createRig(() =>
    found('a', { ...VALIDATED, 'last-modified': dateAt(0) }),
  )
  await deliver(deliverer, orderFor('a'))
  advance(TTL_MS)
  await deliver(deliverer, orderFor('a'))
  expect(orders.at(-1)?.headers).toEqual({})
})

test('with no-cache every order is asked about at the storage', async () => {
  const headers = { ...VALIDATED, 'cache-control': 'no-cache' }
  const { deliverer, results, reply } = createRig(() => found('a', headers))
  await deliver(deliverer, orderFor('a'))
  reply(() => unchanged(headers))
  await deliver(deliverer, orderFor('a'))
  await deliver(deliverer, orderFor('a'))
  expect(results).toEqual(['miss', 'revalidated', 'revalidated'])
})

test('with a time of 0 every order is asked about, unless the storage gives a lifetime', async () => {
  const { deliverer, results, reply } = createRig(() => found('a', VALIDATED), { defaultTtlMs: 0 })
  await deliver(deliverer, orderFor('a'))
  reply(() => unchanged({ 'cache-control': 'max-age=1' }))
  await deliver(deliverer, orderFor('a'))
  await deliver(deliverer, orderFor('a'))
  expect(results).toEqual(['miss', 'revalidated', 'hit'])
})

test('when the storage fails nothing old is given, and what was known is asked about later', async () => {
  const { deliverer, results, advance, reply } = createRig(() =>
    found('a', { ...VALIDATED, 'cache-control': 'max-age=1, stale-if-error=600' }),
  )
  await deliver(deliverer, orderFor('a'))
  advance(1_000)
  reply(() => refuse('upstream_failed'))
  expect(await refusalOf(deliverer, orderFor('a'))).toBe('upstream_failed')
  reply(() => unchanged())
  expect((await deliver(deliverer, orderFor('a'))).content.toString()).toBe('a')
  expect(results).toEqual(['miss', 'passed', 'revalidated'])
})

test('a file that is gone from the storage is gone from memory', async () => {
  const { deliverer, store, advance, reply } = createRig(() => found('a', VALIDATED))
  await deliver(deliverer, orderFor('a'))
  advance(TTL_MS)
  reply(() => refuse('not_found'))
  expect(await refusalOf(deliverer, orderFor('a'))).toBe('not_found')
  expect(store.size().objects).toBe(0)
})

test.each<[string, Reply]>([
  ['that says no-store', () => found('a', { 'cache-control': 'no-store' })],
  ['that says private', () => found('a', { 'cache-control': 'private, max-age=60' })],
  ['that came with a cookie', () => ({ ...found('a'), personal: true })],
  ['that varies by everything', () => found('a', { vary: 'accept, *' })],
  ['that is over at once and has no validator', () => found('a', { 'cache-control': 'max-age=0' })],
  ['that is too large', () => found('a'.repeat(1_001))],
  ['whose size nobody knows', () => ({ ...found('a'), extent: { start: 0, end: 0, size: null } })],
  ['that is no 200', () => ({ ...found(''), status: 302, body: null })],
  ['that is a refusal', () => refuse('not_found')],
])('an answer %s is passed on and not kept', async (_, reply) => {
  const { deliverer, orders, results } = createRig(reply)
  const open = async () => {
    const opened = await deliverer.open(orderFor('a'))
    if (opened.ok) opened.body?.discard()
    return opened
  }
  expect(await open()).toMatchObject({ ok: (await open()).ok })
  expect(orders).toHaveLength(2)
  expect(results).toEqual(['passed', 'passed'])
})

test('an answer of the largest size is kept', async () => {
  const { deliverer, orders } = createRig(() => found('a'.repeat(1_000)))
  await deliver(deliverer, orderFor('a'))
  expect((await deliver(deliverer, orderFor('a'))).content).toHaveLength(1_000)
  expect(orders).toHaveLength(1)
})

test('an order with a query is passed on as it is', async () => {
  const { deliverer, orders } = createRig(() => found('a'))
  for (let i = 0; i < 2; i++) await deliver(deliverer, orderFor('a', { query: 'page=2' }))
  await deliver(deliverer, orderFor('a'))
  expect(orders.map(({ query }) => query)).toEqual(['page=2', 'page=2', ''])
})

test('two repositories and two paths are never mixed up', async () => {
  const one = createRig(({ artifact }) => found(`one ${artifact.path}`))
  const other = createRig(({ artifact }) => found(`other ${artifact.path}`), { store: one.store })
  for (const [rig, name] of [
    [one, 'one'],
    [other, 'other'],
  ] as const) {
    for (const path of ['a', 'b', 'a', 'b']) {
      expect((await deliver(rig.deliverer, orderFor(path))).content.toString()).toBe(`${name} ${path}`)
    }
  }
})

test('ranges, conditions and HEAD are answered from memory', async () => {
  const { deliverer, orders } = createRig(() => found('0123456789', { ...VALIDATED, 'content-md5': 'x' }))
  await deliver(deliverer, orderFor('a'))
  const get = (headers: Record<string, string>) => deliver(deliverer, orderFor('a', { headers }))
  const part = await get({ range: 'bytes=2-4', 'if-range': '"1"' })
  expect(part).toMatchObject({ status: 206, extent: { start: 2, end: 5, size: 10 } })
  expect(part.content.toString()).toBe('234')
  expect(part.sent?.bytes).toBe(3)
  expect(part.header('content-range')).toBe('bytes 2-4/10')
  expect(part.header('content-length')).toBe('3')
  expect(part.header('content-md5')).toBeUndefined()
  expect(await get({ range: 'bytes=2-4', 'if-range': OLD })).toMatchObject({ status: 206 })
  expect(await get({ range: 'bytes=2-4', 'if-range': '"0"' })).toMatchObject({ status: 200 })
  expect(await get({ range: 'bytes=10-' })).toMatchObject({ status: 416, body: null })
  expect(await get({ 'if-match': '"0"' })).toMatchObject({ status: 412, body: null })
  const same = await get({ 'if-none-match': '"1"' })
  expect(same).toMatchObject({ status: 304, body: null })
  expect(same.header('etag')).toBe('"1"')
  expect(same.header('content-length')).toBeUndefined()
  const head = await deliver(deliverer, orderFor('a', { method: 'HEAD', headers: { range: 'bytes=0-1' } }))
  expect(head).toMatchObject({ status: 200, body: null, extent: { start: 0, end: 10, size: 10 } })
  expect(head.header('content-length')).toBe('10')
  expect(orders).toHaveLength(1)
})

test('a conditional GET fills the memory and is answered as it asked', async () => {
  const { deliverer, orders } = createRig(() => found('a', VALIDATED))
  const headers = { 'if-none-match': '"1"', 'user-agent': 'apt' }
  expect(await deliver(deliverer, orderFor('a', { headers }))).toMatchObject({ status: 304 })
  expect(orders[0]?.headers).toEqual({ 'user-agent': 'apt' })
  expect((await deliver(deliverer, orderFor('a'))).content.toString()).toBe('a')
  expect(orders).toHaveLength(1)
})

test('a HEAD or a range of what is not in memory is passed on as it is', async () => {
  const { deliverer, orders, results } = createRig(({ method }) =>
    method === 'HEAD' ? { ...found('0123'), body: null } : { ...found('12'), status: 206 },
  )
  await deliver(deliverer, orderFor('a', { method: 'HEAD' }))
  await deliver(deliverer, orderFor('a', { headers: { range: 'bytes=1-2' } }))
  expect(orders.map(({ method, headers }) => [method, headers])).toEqual([
    ['HEAD', {}],
    ['GET', { range: 'bytes=1-2' }],
  ])
  expect(results).toEqual(['passed', 'passed'])
})

test('a HEAD or a range asks about what is in memory and no longer fresh', async () => {
  const { deliverer, orders, advance, reply } = createRig(() => found('0123', VALIDATED))
  await deliver(deliverer, orderFor('a'))
  reply(() => unchanged())
  advance(TTL_MS)
  expect(await deliver(deliverer, orderFor('a', { method: 'HEAD' }))).toMatchObject({
    status: 200,
    body: null,
  })
  advance(TTL_MS)
  const part = await deliver(deliverer, orderFor('a', { headers: { range: 'bytes=1-2' } }))
  expect(part).toMatchObject({ status: 206, content: Buffer.from('12') })
  expect(orders.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET'])
  expect(orders.at(-1)?.headers).not.toHaveProperty('range')
})

test('a client with conditions gets its own answer where the whole is too large to keep', async () => {
  const { deliverer, orders } = createRig(({ headers }) =>
    headers['if-none-match'] === '"1"' ? unchanged() : found('a'.repeat(2_000), VALIDATED),
  )
  const order = orderFor('a', { headers: { 'if-none-match': '"1"' } })
  expect(await deliver(deliverer, order)).toMatchObject({ status: 304 })
  expect(await deliver(deliverer, order)).toMatchObject({ status: 304 })
  expect(orders).toHaveLength(3)
})

test('what can not be kept is passed on without more ado for a minute', async () => {
  const { deliverer, orders, advance, reply } = createRig(() => found('a'.repeat(2_000)))
  await deliver(deliverer, orderFor('a'))
  reply(() => found('small now'))
  const condition = { headers: { 'if-none-match': '"1"' } }
  await deliver(deliverer, orderFor('a', condition))
  expect(orders.at(-1)?.headers).toEqual(condition.headers)
  advance(60_000)
  await deliver(deliverer, orderFor('a'))
  await deliver(deliverer, orderFor('a'))
  expect(orders).toHaveLength(3)
})

test('a client that asks for something fresher gets it, but for the configured time', async () => {
  const { deliverer, results, advance, reply } = createRig(() =>
    found('a', { ...VALIDATED, 'cache-control': 'max-age=600' }),
  )
  const get = (value: string) => deliver(deliverer, orderFor('a', { headers: { 'cache-control': value } }))
  await get('max-age=0')
  reply(() => unchanged())
  await get('max-age=0')
  await get('no-cache')
  advance(TTL_MS)
  await get('max-age=10')
  await get('no-store')
  await get('only-if-cached')
  expect(results).toEqual(['miss', 'hit', 'hit', 'hit', 'hit', 'hit'])
  await get('no-cache')
  await get('max-age=0')
  advance(10_000)
  await get('max-age=10')
  expect(results.slice(6)).toEqual(['revalidated', 'hit', 'revalidated'])
})

test('what the storage calls immutable is not asked about while it is fresh', async () => {
  const { deliverer, results, advance } = createRig(() =>
    found('a', { ...VALIDATED, 'cache-control': 'max-age=600, immutable' }),
  )
  await deliver(deliverer, orderFor('a'))
  advance(599_000)
  await deliver(deliverer, orderFor('a', { headers: { 'cache-control': 'no-cache' } }))
  expect(results).toEqual(['miss', 'hit'])
})

test('variants by the headers that the storage names are kept side by side', async () => {
  const { deliverer, orders } = createRig(({ headers }) =>
    found(`for ${headers['accept'] ?? 'anybody'}`, { vary: 'Accept, Origin', etag: '"1"' }),
  )
  const get = async (headers: Record<string, string>) =>
    (await deliver(deliverer, orderFor('a', { headers }))).content.toString()
  for (let i = 0; i < 3; i++) {
    expect(await get({ accept: 'x' })).toBe('for x')
    expect(await get({ accept: 'y', 'user-agent': `client ${i}` })).toBe('for y')
    expect(await get({})).toBe('for anybody')
  }
  expect(orders).toHaveLength(3)
})

test('an encoded body is not given to who did not ask for the encoding, whatever Vary says', async () => {
  const { deliverer } = createRig(({ headers }) =>
    headers['accept-encoding'] === 'gzip' ? found('packed', { 'content-encoding': 'gzip' }) : found('plain'),
  )
  const get = async (headers: Record<string, string>) =>
    (await deliver(deliverer, orderFor('a', { headers }))).content.toString()
  expect(await get({ 'accept-encoding': 'gzip' })).toBe('packed')
  expect(await get({ 'accept-encoding': 'identity' })).toBe('plain')
  expect(await get({})).toBe('plain')
})

test('npm’s short and long documents are kept apart', async () => {
  const { deliverer } = createRig(({ headers }) => found(headers['accept'] ?? ''))
  const artifact = artifactAt('left-pad', { format: 'npm', kind: 'metadata' })
  for (const accept of ['short', 'long', 'short']) {
    const answer = await deliver(deliverer, orderFor('', { artifact, headers: { accept } }))
    expect(answer.content.toString()).toBe(accept)
  }
})

test('a client can’t choose the variant of another by what it writes into a header', async () => {
  const { deliverer, orders } = createRig(({ headers }) =>
    found(JSON.stringify([headers['accept'], headers['user-agent']]), { vary: 'accept, user-agent' }),
  )
  const get = async (headers: Record<string, string>) =>
    (await deliver(deliverer, orderFor('a', { headers }))).content.toString()
  await get({ accept: 'x\tuser-agent:y', 'user-agent': 'z' })
  await get({ accept: 'x', 'user-agent': 'y\tuser-agent:z' })
  await get({ accept: 'x', 'user-agent': 'user-agent:y' })
  expect(orders).toHaveLength(3)
})

test('a redirect, which leads back through the client’s own way in, goes to that client only', async () => {
  const { deliverer, orders } = createRig((order) => ({
    ...found(''),
    status: 302,
    headers: ['location', `${order.baseUrl}b`],
    body: null,
  }))
  const asked = ['https://x/ONE/', 'https://x/TWO/'].map((baseUrl) =>
    deliver(deliverer, orderFor('a', { baseUrl })),
  )
  const locations = (await Promise.all(asked)).map((answer) => answer.header('location'))
  expect(locations).toEqual(['https://x/ONE/b', 'https://x/TWO/b'])
  expect(orders).toHaveLength(2)
})

test('a body that breaks off is a failure before the first byte, and is not kept', async () => {
  const cut = {
    send: async () => ({ bytes: 1, complete: false, upstreamFailed: true }),
    discard: () => undefined,
  }
  const { deliverer, reply } = createRig(() => foundWith(cut, 10))
  expect(await refusalOf(deliverer, orderFor('a'))).toBe('upstream_failed')
  reply(() => found('whole'))
  expect((await deliver(deliverer, orderFor('a'))).content.toString()).toBe('whole')
})

test('an object that comes in slowly is not waited for: the client gets it from the storage, byte by byte', async () => {
  let letGo = 0
  const stuck = {
    send: (response: NodeJS.WritableStream) =>
      new Promise<never>((_, reject) => {
        response.once('close', () => {
          letGo += 1
          reject(new Error('never happens'))
        })
      }).catch(() => ({ bytes: 0, complete: false, upstreamFailed: false })),
    discard: () => undefined,
  }
  const { deliverer, orders, results } = createRig(
    (_, number) => (number === 1 ? foundWith(stuck, 10) : found('streamed')),
    { patienceMs: 5 },
  )
  expect((await deliver(deliverer, orderFor('a'))).content.toString()).toBe('streamed')
  expect(letGo).toBe(1)
  await deliver(deliverer, orderFor('a', { headers: { 'if-none-match': '"1"' } }))
  expect(orders.at(-1)?.headers).toEqual({ 'if-none-match': '"1"' })
  expect(results).toEqual(['passed', 'passed'])
})

test('after close nothing is left in memory', async () => {
  const { deliverer, store } = createRig(() => found('a'))
  await deliver(deliverer, orderFor('a'))
  await deliverer.close()
  expect(store.size()).toEqual({ objects: 0, bytes: 0 })
})

describe('in a full memory', () => {
  /** Two files of 800 bytes have room, and are asked for often. */
  const fill = async (): Promise<ReturnType<typeof createRig>> => {
    const rig = createRig(
      ({ artifact }) => found(artifact.path.repeat(800), { 'cache-control': 'max-age=9' }),
      {
        store: createObjectStore(3_000),
      },
    )
    for (const path of ['a', 'b', 'a', 'b', 'a', 'b']) await deliver(rig.deliverer, orderFor(path))
    return rig
  }

  test('what is asked for seldom is passed on, and drives nothing out', async () => {
    const { deliverer, orders, results } = await fill()
    for (const path of ['c', 'd', 'e', 'c']) {
      expect((await deliver(deliverer, orderFor(path))).content.toString()).toBe(path.repeat(800))
    }
    expect(results.slice(6)).toEqual(['passed', 'passed', 'passed', 'passed'])
    for (const path of ['a', 'b']) await deliver(deliverer, orderFor(path))
    expect(results.slice(-2)).toEqual(['hit', 'hit'])
    expect(orders).toHaveLength(6)
  })

  test('what comes to be asked for more often takes its place', async () => {
    const { deliverer, results } = await fill()
    for (let i = 0; i < 5; i++) await deliver(deliverer, orderFor('c'))
    expect(results.slice(6)).toEqual(['passed', 'passed', 'passed', 'miss', 'hit'])
  })

  test('a condition is passed on as it is, and the storage asked once', async () => {
    const { deliverer, orders } = await fill()
    await deliver(deliverer, orderFor('c', { headers: { 'if-none-match': '"1"' } }))
    expect(orders.slice(2).map(({ headers }) => headers)).toEqual([{ 'if-none-match': '"1"' }])
  })

  test('what several wait for is fetched once, and kept', async () => {
    const { deliverer, orders, results } = await fill()
    await Promise.all(['c', 'c', 'c'].map((path) => deliver(deliverer, orderFor(path))))
    expect(results.slice(6).toSorted()).toEqual(['miss', 'shared', 'shared'])
    expect(orders).toHaveLength(3)
  })
})

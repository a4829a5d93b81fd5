import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createThrottle, foldAddress, MOST_FAILURES } from '../../src/admin/throttle.ts'
import { KEY, startApi, TOKENS } from './api.ts'
import { callAs } from './call-as.ts'

function failTimes(throttle: ReturnType<typeof createThrottle>, address: string, times: number): void {
  for (let i = 0; i < times; i++) throttle.noteFailure(address)
}

describe('an address', () => {
  test('waits after ten failures until their minute is over', () => {
    let now = 1_000_000
    const throttle = createThrottle(() => now)
    failTimes(throttle, '192.0.2.1', MOST_FAILURES - 1)
    expect(throttle.secondsToWait('192.0.2.1', 'd')).toBe(0)
    throttle.noteFailure('192.0.2.1')
    expect(throttle.secondsToWait('192.0.2.1', 'd')).toBe(60)
    now += 59_999
    expect(throttle.secondsToWait('192.0.2.1', 'd')).toBe(1)
    now += 1
    expect(throttle.secondsToWait('192.0.2.1', 'd')).toBe(0)
    throttle.noteFailure('192.0.2.1')
    expect(throttle.secondsToWait('192.0.2.1', 'd')).toBe(0)
  })

  test('does not wait for the failures of another', () => {
    const throttle = createThrottle(() => 0)
    failTimes(throttle, '192.0.2.1', MOST_FAILURES)
    expect(throttle.secondsToWait('192.0.2.2', 'd')).toBe(0)
  })

  test('does not wait with a key that worked there before', () => {
    const throttle = createThrottle(() => 0)
    throttle.noteSuccess('192.0.2.1', 'proven')
    failTimes(throttle, '192.0.2.1', MOST_FAILURES)
    expect(throttle.secondsToWait('192.0.2.1', 'proven')).toBe(0)
    expect(throttle.secondsToWait('192.0.2.1', 'other')).toBe(60)
  })

  test('waits with a key that worked elsewhere', () => {
    const throttle = createThrottle(() => 0)
    throttle.noteSuccess('192.0.2.2', 'proven')
    failTimes(throttle, '192.0.2.1', MOST_FAILURES)
    expect(throttle.secondsToWait('192.0.2.1', 'proven')).toBe(60)
  })

  test('does not wait for ever when the clock is set back', () => {
    let now = 1_000_000
    const throttle = createThrottle(() => now)
    failTimes(throttle, '192.0.2.1', MOST_FAILURES)
    now = 0
    expect(throttle.secondsToWait('192.0.2.1', 'd')).toBe(0)
  })

  test('is forgotten when ten thousand others failed after it', () => {
    const throttle = createThrottle(() => 0)
    failTimes(throttle, '192.0.2.1', MOST_FAILURES)
    for (let i = 0; i < 10_000; i++) throttle.noteFailure(`10.0.${i >> 8}.${i & 255}`)
    expect(throttle.secondsToWait('192.0.2.1', 'd')).toBe(0)
  })
})

describe('addresses of one network', () => {
  test.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['', ''],
  ])('%s counts as %s', (address, folded) => {
    expect(foldAddress(address)).toBe(folded)
  })

  test('are the same whatever the second half of an IPv6 address', () => {
    const half = fc
      .tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 65_535 })))
      .map((all) => all.map((n) => n.toString(16)).join(':'))
    fc.assert(
      fc.property(half, half, half, (network, one, other) => {
        expect(foldAddress(`${network}:${one}`)).toBe(foldAddress(`${network}:${other}`))
      }),
    )
  })
})

describe('guessing keys', () => {
  const guess = { headers: { 'X-Api-Key': 'wrong' } }
  const right = { headers: { 'X-Api-Key': KEY } }

  test('is answered with 429 and Retry-After after ten wrong ones, and then not even a right one is told', async () => {
    await using api = await startApi()
    for (let i = 0; i < MOST_FAILURES; i++) expect((await api.send(TOKENS, guess)).status).toBe(401)
    for (const request of [guess, right]) {
      const answer = await api.send(TOKENS, request)
      expect(answer.status).toBe(429)
      expect(answer.headers.get('retry-after')).toBe('60')
      expect(answer.body).toMatchObject({
        detail: 'Request was throttled. Expected available in 60 seconds.',
      })
    }
    api.setNow(Date.UTC(2030, 0, 1, 0, 1))
    expect((await api.send(TOKENS, right)).status).toBe(200)
  })

  test('many at once tells no more than ten apart', async () => {
    await using api = await startApi()
    const answers = await Promise.all(Array.from({ length: 60 }, () => api.send(TOKENS, guess)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(MOST_FAILURES)
    expect(statuses.filter((status) => status === 429)).toHaveLength(50)
  })

  test('does not lock out who works at the same address', async () => {
    await using api = await startApi()
    expect((await api.send(TOKENS, right)).status).toBe(200)
    for (let i = 0; i < 20; i++) await api.send(TOKENS, guess)
    expect((await api.send(TOKENS, right)).status).toBe(200)
    expect((await api.send(TOKENS, guess)).status).toBe(429)
  })

  test('leaves what needs no key alone', async () => {
    await using api = await startApi()
    for (let i = 0; i < 20; i++) await api.send(TOKENS, guess)
    expect((await api.send('/healthz')).status).toBe(200)
  })
})

describe('who has a key', () => {
  test('can guess other keys no more often than anybody else', async () => {
    await using api = await startApi()
    const { call } = await callAs(api, { role: 'viewer' })
    for (let i = 0; i < MOST_FAILURES; i++) {
      expect((await call('GET', TOKENS)).status).toBe(200)
      const headers = { 'X-Api-Key': `guess ${i}`, 'X-Forwarded-For': `192.0.2.${i}` }
      expect((await api.send(TOKENS, { headers })).status).toBe(401)
    }
    expect((await api.send(TOKENS, { headers: { 'X-Api-Key': 'guess' } })).status).toBe(429)
    const unproven = await callAs(api)
    expect((await unproven.call('GET', TOKENS)).status).toBe(429)
    expect((await call('GET', TOKENS)).status).toBe(200)
  })

  test('waits like others when a thousand keys worked after theirs', () => {
    const throttle = createThrottle(() => 0)
    throttle.noteSuccess('192.0.2.1', 'proven')
    for (let i = 0; i < 1_000; i++) throttle.noteSuccess('192.0.2.2', `digest ${i}`)
    failTimes(throttle, '192.0.2.1', MOST_FAILURES)
    expect(throttle.secondsToWait('192.0.2.1', 'proven')).toBe(60)
  })
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLog, type LogDestination, type LogLevel } from '../../src/telemetry/log.ts'
import { observation } from './observations.ts'

const NOW = Date.parse('2026-03-01T12:00:00.250Z')

/** A log and what it wrote. */
function capture(level: LogLevel = 'info') {
  const texts: string[] = []
  const destination: LogDestination = (bytes, done) => {
    texts.push(Buffer.from(bytes).toString())
    done(null, bytes.length)
  }
  const log = createLog({ level, destination, clock: () => NOW })
  const text = (): string => texts.join('')
  const lines = (): Record<string, unknown>[] =>
    text()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  return { log, text, lines }
}

test('a request is one line, with its fields in a stable order', () => {
  const { log, text } = capture()
  log.access(observation())
  expect(text()).toBe(
    `${JSON.stringify({
      level: 'info',
      time: '2026-03-01T12:00:00.000Z',
      method: 'GET',
      status: 200,
      outcome: 'delivered',
      repository: 'acme/stable',
      path: 'pool/w/widget_1.0_amd64.deb',
      package: 'widget',
      version: '1.0',
      token: '01JDTOKEN1',
      entrance: 'path',
      client: '203.0.113.7',
      bytes: 1024,
      downloads: 1,
      duration_ms: 12.346,
      upstream_ms: 3,
      user_agent: 'Debian APT-HTTP/1.3 (2.6.1)',
      msg: 'request',
    })}\n`,
  )
})

test('what a request has not is null', () => {
  const { log, lines } = capture()
  log.access(
    observation({
      artifact: null,
      token: null,
      repository: null,
      userAgent: null,
      upstreamMs: null,
      entrance: null,
    }),
  )
  expect(lines()).toMatchObject([
    {
      path: null,
      package: null,
      version: null,
      token: null,
      repository: null,
      user_agent: null,
      entrance: null,
    },
  ])
})

test('a user agent is cut', () => {
  const { log, lines } = capture()
  log.access(observation({ userAgent: 'a'.repeat(5000) }))
  expect(lines()[0]?.['user_agent']).toBe('a'.repeat(200))
})

test('a message has its time, level and fields', () => {
  const { log, text } = capture()
  log.info('The configuration was reloaded', { repositories: 3 })
  expect(text()).toBe(
    '{"level":"info","time":"2026-03-01T12:00:00.250Z","repositories":3,"msg":"The configuration was reloaded"}\n',
  )
})

test('a message is text, never a format', () => {
  const { log, lines } = capture()
  log.warn('100 %s %d %o', { a: 1 })
  expect(lines()).toMatchObject([{ msg: '100 %s %d %o' }])
})

test('a field can’t take the place of time, level or message', () => {
  const { log, lines } = capture()
  log.info('true', { msg: 'false', level: 'false', time: 'false' })
  expect(lines()).toEqual([{ level: 'info', time: '2026-03-01T12:00:00.250Z', msg: 'true' }])
})

test('an error is described by message, name, code and causes, and nothing that hangs on it', () => {
  const { log, lines, text } = capture()
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', secret: 'hunter2' })
  const error = Object.assign(new Error('The storage failed', { cause }), {
    code: 'UPSTREAM',
    request: { headers: { authorization: 'hunter2' } },
  })
  log.error('A request failed', error, { repository: 'acme/stable' })
  expect(lines()).toEqual([
    {
      level: 'error',
      time: '2026-03-01T12:00:00.250Z',
      repository: 'acme/stable',
      error: {
        message: 'The storage failed',
        name: 'Error',
        code: 'UPSTREAM',
        cause: { message: 'connect ECONNREFUSED', name: 'Error', code: 'ECONNREFUSED' },
      },
      msg: 'A request failed',
    },
  ])
  expect(text()).not.toContain('hunter2')
})

test('an error without a code is a mistake of ours and has a stack', () => {
  const { log, lines } = capture()
  log.error('A request failed', new TypeError('x is not a function'))
  expect(lines()).toMatchObject([{ error: { stack: expect.stringMatching(/^at .*log\.test\.ts/) } }])
})

test('an error may be a field of a warning', () => {
  const { log, lines } = capture()
  log.warn('The storage failed', { error: Object.assign(new Error('gone'), { code: 'ECONNRESET' }) })
  expect(lines()).toMatchObject([{ error: { message: 'gone', code: 'ECONNRESET' } }])
})

test('errors that cause each other end', () => {
  const { log, lines } = capture()
  const error = new Error('a')
  error.cause = error
  log.error('x', error)
  expect(lines()).toHaveLength(1)
})

test('of an aggregate the first error is the cause', () => {
  const { log, lines } = capture()
  log.error('x', new AggregateError([new Error('connect ECONNREFUSED ::1:80'), new Error('other')]))
  expect(lines()).toMatchObject([{ error: { cause: { message: 'connect ECONNREFUSED ::1:80' } } }])
})

test('what is thrown and no error is shown if it is text, else by its type', () => {
  const { log, lines } = capture()
  log.error('x', 'text')
  log.error('x', { authorization: 'hunter2' })
  expect(lines()).toMatchObject([{ error: { message: 'text' } }, { error: { message: 'object' } }])
})

test('an object that slips past the types is not written', () => {
  const { log, text } = capture()
  const fields = { headers: { authorization: 'hunter2' } } as unknown as Record<string, string>
  log.info('x', fields)
  expect(text()).not.toContain('hunter2')
})

test.each([
  ['debug', ['debug', 'info', 'info', 'warn', 'error']],
  ['info', ['info', 'info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
  ['silent', []],
] as const)('of level %s are the messages from there on; requests count as info', (level, expected) => {
  const { log, lines } = capture(level)
  log.debug('d')
  log.info('i')
  log.access(observation())
  log.warn('w')
  log.error('e')
  expect(lines().map((line) => line['level'])).toEqual(expected)
})

test('no character that a terminal obeys gets out, and nothing is lost by that', () => {
  const odd = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(odd, odd, odd, (path, userAgent, message) => {
      const { log, text, lines } = capture()
      log.access(
        observation({ userAgent, artifact: { format: 'raw', kind: 'unknown', path, filename: path } }),
      )
      log.info(message)
      expect(text().replaceAll('\n', '')).not.toMatch(/[\p{C}\u2028\u2029]/u)
      expect(lines()).toMatchObject([{ path, user_agent: userAgent.slice(0, 200) }, { msg: message }])
    }),
  )
})

test('a time that is none does not stop the log', () => {
  const { log, lines } = capture()
  log.access(observation({ at: NaN }))
  expect(lines()).toMatchObject([{ time: 'unknown' }])
})

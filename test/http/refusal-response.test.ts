import { createServer, get, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  refusalResponse,
  type RefusalContext,
  type RefusalResponse,
} from '../../src/http/refusal-response.ts'
import { REFUSALS } from '../../src/http/refusals.ts'
import {
  COMMON_FORM,
  REGISTRY_FORM,
  refuse,
  type AnswerForm,
  type RefusalCode,
  type RefusalFacts,
} from '../../src/policy/refusal.ts'

const CODES = Object.keys(REFUSALS) as RefusalCode[]
const NPM: AnswerForm = { ...COMMON_FORM, body: 'json', notice: 'npm-notice' }
const PLAIN: RefusalContext = { challenge: false, form: undefined, accept: '*/*', close: false }
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'
const INSTALL = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*'

function answer(
  code: RefusalCode,
  more: Partial<RefusalContext> = {},
  facts?: RefusalFacts,
): RefusalResponse {
  return refusalResponse(refuse(code, facts), { ...PLAIN, ...more })
}

function parse({ body }: RefusalResponse): Record<string, unknown> {
  return JSON.parse(body.toString()) as Record<string, unknown>
}

describe.each(CODES)('%s', (code) => {
  const contexts: Partial<RefusalContext>[] = [
    {},
    { challenge: true },
    { form: NPM, accept: INSTALL },
    { form: REGISTRY_FORM, challenge: true, accept: BROWSER },
    { form: undefined, accept: undefined, close: true },
    { accept: BROWSER },
  ]

  test('is never cached, and its length is that of its bytes', () => {
    for (const context of contexts) {
      const { headers, body } = answer(code, context)
      expect(headers['cache-control']).toBe('no-store')
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['content-length']).toBe(body.length)
    }
  })

  test('has header values of one printable line', () => {
    for (const context of contexts) {
      const { headers, reason } = answer(code, context, { why: 'line\r\nset-cookie: x\u00fc' })
      for (const value of [reason, ...Object.values(headers)])
        expect(String(value)).toMatch(/^[\u0020-\u007e]+$/)
    }
  })

  test('is a 401 with a challenge together or not at all', () => {
    for (const context of contexts) {
      const { status, headers } = answer(code, context)
      expect(status === 401).toBe(headers['www-authenticate'] !== undefined)
    }
  })

  test('gives its reason in every form that some client shows', () => {
    const response = answer(code)
    const { title, status, detail, error, message, warning, errors, type } = parse(response)
    expect([title, status]).toEqual([response.reason, response.status])
    expect(message).toBe(`${String(title)}. ${String(detail)}`)
    expect([error, warning]).toEqual([message, message])
    expect(errors).toEqual([{ code: expect.stringMatching(/^[A-Z_]+$/), message, detail: { code } }])
    expect(type).toBe(`urn:postern:refusal:${code}`)
    expect(response.headers['x-error-code']).toBe(code)
    expect(response.headers['x-error-message']).toBe(message)
  })
})

test('challenges who sent no credential, or an unknown one, where one can be sent', () => {
  for (const code of ['credential_missing', 'token_unknown'] as const) {
    const { status, headers, body } = answer(code, { challenge: true, form: NPM })
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toBe('Basic realm="Postern", charset="UTF-8"')
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(body.length).toBeLessThan(100)
  }
})

test('never challenges where no credential can be sent, or a known token is refused', () => {
  for (const code of ['credential_missing', 'token_unknown'] as const) {
    expect(answer(code, { challenge: false }).status).toBe(403)
  }
  for (const code of [
    'token_disabled',
    'token_expired',
    'package_not_covered',
    'downloads_used_up',
  ] as const) {
    expect(answer(code, { challenge: true }).status).toBe(403)
  }
})

test.each([
  ['*/*', 'application/problem+json'],
  [undefined, 'application/problem+json'],
  ['', 'application/problem+json'],
  ['application/json', 'application/problem+json'],
  ['text/plain, application/json', 'application/problem+json'],
  ['application/vnd.text/plainly', 'application/problem+json'],
  [BROWSER, 'text/plain; charset=utf-8'],
  ['text/plain', 'text/plain; charset=utf-8'],
  ['TEXT/HTML', 'text/plain; charset=utf-8'],
])('answers a client that accepts %j with %s', (accept, type) => {
  expect(answer('token_expired', { accept }).headers['content-type']).toBe(type)
})

test('tells pub why in the challenge, with a 403 too, in one line without its quotes', () => {
  const form: AnswerForm = { ...COMMON_FORM, challenge: 'Bearer realm="pub"', explainsIn: 'message' }
  const told = (code: RefusalCode, challenge: boolean): unknown => {
    const { status, headers } = answer(code, { challenge, form })
    return [status, headers['www-authenticate']]
  }
  expect(told('token_disabled', true)).toEqual([
    403,
    'Bearer realm="pub", message="Token disabled. The entitlement token is disabled. Ask your vendor."',
  ])
  expect(told('credential_missing', true)).toEqual([
    401,
    expect.stringMatching(/^Bearer realm="pub", message="[^"]+"$/),
  ])
  expect(told('not_found', true)).toEqual([404, undefined])
})

test('answers npm with JSON that it reads, and a notice that it prints', () => {
  const response = answer('token_expired', { form: NPM, accept: INSTALL }, { at: 0 })
  expect(response.headers['content-type']).toBe('application/json')
  expect(response.headers['npm-notice']).toBe(parse(response)['error'])
  expect(answer('token_expired').headers['npm-notice']).toBeUndefined()
})

test('answers people with one line of text', () => {
  const { body } = answer('downloads_used_up', { accept: BROWSER }, { used: 5, limit: 5 })
  expect(body.toString()).toBe(
    'Downloads used up. All downloads of the entitlement token are used up (5 of 5). Ask your vendor.\n',
  )
})

test('names the methods that are allowed with a 405 only', () => {
  expect(answer('method_not_allowed').headers['allow']).toBe('GET, HEAD')
  expect(answer('not_found').headers['allow']).toBeUndefined()
})

test('says when to try again with a 503 and a 429 only', () => {
  for (const code of CODES) {
    const { status, headers } = answer(code)
    expect(headers['retry-after'] !== undefined).toBe(status === 503 || status === 429)
  }
})

test('says when to try again as the refusal knows it, also in the RateLimit header', () => {
  const { headers } = answer('rate_exceeded', {}, { limit: 2, retryAfter: 17 })
  expect(headers).toMatchObject({ 'retry-after': 17, ratelimit: '"requests";r=0;t=17' })
  expect(answer('concurrency_exceeded', {}, { retryAfter: 3 }).headers).toMatchObject({ 'retry-after': 3 })
  expect(answer('downloads_used_up', {}, { retryAfter: 3 }).headers).not.toHaveProperty('retry-after')
  expect(answer('upstream_failed', {}, { retryAfter: 5 }).headers).toMatchObject({ 'retry-after': 5 })
  expect(answer('upstream_failed').headers).not.toHaveProperty('retry-after')
})

test('closes the connection when it is told so only', () => {
  expect(answer('request_malformed', { close: true }).headers['connection']).toBe('close')
  expect(answer('request_malformed').headers['connection']).toBeUndefined()
})

test.each([
  ['token_expired', 'DENIED'],
  ['not_found', 'NAME_UNKNOWN'],
  ['method_not_allowed', 'UNSUPPORTED'],
  ['upstream_failed', 'UNKNOWN'],
] as const)('gives %s the nearest code of the OCI specification', (code, expected) => {
  expect(parse(answer(code))['errors']).toMatchObject([{ code: expected }])
})

test('can be sent as it is by Node', async () => {
  const server = createServer((request, response) => {
    const code = (request.url ?? '').slice(1) as RefusalCode
    const { status, reason, headers, body } = answer(code, { form: NPM, close: true })
    response.writeHead(status, reason, headers).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const code of CODES) {
    const [response] = (await once(get({ port, host: '127.0.0.1', path: `/${code}` }), 'response')) as [
      IncomingMessage,
    ]
    expect(response.statusMessage).toBe(REFUSALS[code].title)
    await once(response.resume(), 'end')
  }
  server.close()
})

describe('a client of a registry', () => {
  const told = (code: RefusalCode, facts?: RefusalFacts, challenge = true): unknown[] => {
    const { status, headers, body } = answer(code, { form: REGISTRY_FORM, challenge }, facts)
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'docker-distribution-api-version': 'registry/2.0',
    })
    const document = JSON.parse(body.toString()) as { errors: { code: string; message: string }[] }
    expect(Object.keys(document)).toEqual(['errors'])
    expect(document.errors).toHaveLength(1)
    return [status, document.errors[0]?.code, document.errors[0]?.message.split('.')[0]]
  }

  test('is told in the form that it prints', () => {
    expect(told('credential_missing')).toEqual([401, 'UNAUTHORIZED', 'Token required'])
    expect(told('token_unknown')).toEqual([401, 'UNAUTHORIZED', 'Unknown token'])
    expect(told('token_expired')).toEqual([403, 'DENIED', 'Token expired'])
    expect(told('downloads_used_up', { used: 5, limit: 5 })).toEqual([403, 'DENIED', 'Downloads used up'])
    expect(told('rate_exceeded')).toEqual([429, 'TOOMANYREQUESTS', 'Too many requests'])
    expect(told('method_not_allowed')).toEqual([405, 'UNSUPPORTED', 'Read only'])
    expect(told('not_found')).toEqual([404, 'NAME_UNKNOWN', 'Not found'])
    expect(told('not_found', { missing: 'manifest' })).toEqual([404, 'MANIFEST_UNKNOWN', 'Not found'])
    expect(told('not_found', { missing: 'blob' })).toEqual([404, 'BLOB_UNKNOWN', 'Not found'])
  })
})

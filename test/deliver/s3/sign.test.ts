import { sign as signByAws4 } from 'aws4'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Credentials } from '../../../src/deliver/s3/credentials/contract.ts'
import { encodeKey } from '../../../src/deliver/s3/encode-key.ts'
import { createSigner } from '../../../src/deliver/s3/sign.ts'

const HOST = 'packages.s3.eu-central-1.amazonaws.com'
const REGION = 'eu-central-1'
const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)

const word = fc.stringMatching(/^[A-Za-z0-9/+]{8,60}$/)
const credentials: fc.Arbitrary<Credentials> = fc.record({
  accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
  secretAccessKey: word,
  sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9/+=]{16,80}$/), { nil: undefined }),
  expiresAt: fc.constant(undefined),
})
// Without what aws4 understands by a path, and S3 as a key: empty segments and dots.
const key = fc
  .array(
    fc
      .string({ unit: 'grapheme', minLength: 1 })
      .map((text) => text.toWellFormed().replaceAll('/', ''))
      .filter((segment) => !['', '.', '..'].includes(segment)),
    { minLength: 1, maxLength: 4 },
  )
  .map((segments) => `/${encodeKey(segments.join('/'))}`)
const instant = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2090, 0, 1) })
const method = fc.constantFrom('GET' as const, 'HEAD' as const)

/** What aws4 makes of the same request. */
function byAws4(path: string, given: Credentials, now: number, more: object): Record<string, string> {
  const time = new Date(now).toISOString().replaceAll(/[:-]|\.\d{3}/g, '')
  const { accessKeyId, secretAccessKey, sessionToken } = given
  const request = {
    service: 's3',
    region: REGION,
    host: HOST,
    path,
    headers: { 'X-Amz-Date': time },
    ...more,
  }
  const signed = signByAws4(request, {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
  })
  return { ...(signed.headers as Record<string, string>), path: signed.path ?? '' }
}

test('signs a request as aws4 does, whatever its key, its keys and its time', () => {
  fc.assert(
    fc.property(method, key, credentials, instant, (verb, path, given, now) => {
      const signed = createSigner(REGION).headersFor({ method: verb, path }, HOST, given, now)
      const body = { 'X-Amz-Content-Sha256': signed['x-amz-content-sha256'] }
      const time = { 'X-Amz-Date': signed['x-amz-date'] }
      const expected = byAws4(path, given, now, { method: verb, headers: { ...body, ...time } })
      expect(signed['authorization']).toBe(expected['Authorization'])
      expect(signed['x-amz-security-token']).toBe(given.sessionToken)
    }),
  )
})

test('makes the links that aws4 makes', () => {
  fc.assert(
    fc.property(key, credentials, instant, (path, given, now) => {
      const terms = { lifetimeSeconds: 60, id: '01JD0000000000000000000000' }
      const query = createSigner(REGION).linkQueryFor(path, HOST, given, now, terms)
      const time = new Date(now).toISOString().replaceAll(/[:-]|\.\d{3}/g, '')
      const asked = `${path}?X-Amz-Date=${time}&X-Amz-Expires=60&x-postern-id=${terms.id}`
      const expected = byAws4(asked, given, now, { method: 'GET', signQuery: true, headers: {} })
      const signature = (text: string): string | null =>
        new URLSearchParams(text.slice(text.indexOf('?') + 1)).get('X-Amz-Signature')
      expect(signature(query)).toMatch(/^[0-9a-f]{64}$/)
      expect(signature(query)).toBe(signature(expected['path'] ?? ''))
    }),
  )
})

test('makes another key for another day, another secret, and the first one again', () => {
  const signer = createSigner(REGION)
  const sign = (now: number, secretAccessKey: string): string | undefined =>
    signer.headersFor(
      { method: 'GET', path: '/a' },
      HOST,
      { accessKeyId: 'A', secretAccessKey, sessionToken: undefined, expiresAt: undefined },
      now,
    )['authorization']
  const first = sign(NOW, 'one')
  const signatures = [first, sign(NOW + 86_400_000, 'one'), sign(NOW, 'two'), sign(NOW + 1_000, 'one')]
  expect(new Set(signatures).size).toBe(4)
  expect(sign(NOW, 'one')).toBe(first)
})

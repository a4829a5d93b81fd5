import { expect, test } from 'vitest'
import { createPlace } from '../../../src/deliver/s3/place.ts'

const BUCKET = { bucket: 'packages', prefix: 'a b/' } as const

test.each([
  ['path', 'https://minio.example.com:9000', 'https://minio.example.com:9000/packages/a%20b/x%2By'],
  [
    'virtual',
    'https://s3.eu-central-1.amazonaws.com',
    'https://packages.s3.eu-central-1.amazonaws.com/a%20b/x%2By',
  ],
  ['virtual', 'http://storage.example.com:8080', 'http://packages.storage.example.com:8080/a%20b/x%2By'],
] as const)('with the bucket in the %s of %s a file is at %s', (addressing, endpoint, expected) => {
  const { url, pathOf, base } = createPlace({ ...BUCKET, endpoint, addressing })
  expect(url.origin + pathOf('x+y')).toBe(expected)
  expect(expected).toContain(base)
})

test('no key is longer than S3 allows, counted in bytes of UTF-8 with its prefix', () => {
  const { pathOf } = createPlace({ ...BUCKET, endpoint: 'http://127.0.0.1', addressing: 'path' })
  expect(pathOf('ü'.repeat(510))).toBeDefined()
  expect(pathOf('ü'.repeat(511))).toBeUndefined()
})

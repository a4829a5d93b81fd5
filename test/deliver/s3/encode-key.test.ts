import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeKey, encodeValue } from '../../../src/deliver/s3/encode-key.ts'

const key = fc.string({ unit: 'grapheme' }).map((text) => text.toWellFormed())

test('is undone by decoding once, and leaves nothing but what S3 leaves', () => {
  fc.assert(
    fc.property(key, (original) => {
      const encoded = encodeKey(original)
      expect(decodeURIComponent(encoded)).toBe(original)
      expect(encoded).toMatch(/^(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})*$/)
    }),
  )
})

test('leaves slashes alone in a key, and not in a value', () => {
  fc.assert(
    fc.property(key, (original) => {
      expect(encodeKey(original).split('/')).toHaveLength(original.split('/').length)
      expect(encodeValue(original)).toBe(encodeKey(original).replaceAll('/', '%2F'))
    }),
  )
})

test('escapes every mark that has another meaning somewhere', () => {
  expect(encodeKey("a+b c(d)'e!f*g~h%i#j?k=l&m@n:o;p,q/ü")).toBe(
    'a%2Bb%20c%28d%29%27e%21f%2Ag~h%25i%23j%3Fk%3Dl%26m%40n%3Ao%3Bp%2Cq/%C3%BC',
  )
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeImagePath, encodePath } from '../../src/deliver/encode-path.ts'

const segment = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .map((text) => text.toWellFormed().replaceAll('/', ''))
  .filter((text) => !['', '.', '..'].includes(text))
const path = fc.array(segment, { maxLength: 6 }).map((segments) => segments.join('/'))

test('is undone by decoding once', () => {
  fc.assert(
    fc.property(path, (original) => {
      expect(decodeURIComponent(encodePath(original))).toBe(original)
    }),
  )
})

test('is read by a URL parser as the same path, without query, fragment or host', () => {
  fc.assert(
    fc.property(path, (original) => {
      const url = new URL(`http://storage.example/base/${encodePath(original)}`)
      expect(url.pathname).toBe(`/base/${encodePath(original)}`)
      expect(url.search + url.hash).toBe('')
      expect(url.host).toBe('storage.example')
    }),
  )
})

test('leaves nothing but letters, digits and a few marks of one meaning', () => {
  fc.assert(
    fc.property(path, (original) => {
      expect(encodePath(original)).toMatch(/^[\w.~@!'()*%/-]*$/)
    }),
  )
})

test('escapes a plus, which S3 takes for a space, and keeps the at sign of npm scopes', () => {
  expect(encodePath('@acme/g++_1:2~3.deb')).toBe('@acme/g%2B%2B_1%3A2~3.deb')
})

test('leaves the colon of a digest to registries', () => {
  expect(encodeImagePath('tool/blobs/sha256:0a+b')).toBe('tool/blobs/sha256:0a%2Bb')
})

import { expect, test } from 'vitest'
import { gateLocation } from '../../src/deliver/location.ts'
import { BASE_URL, orderFor } from './orders.ts'

const base = new URL('http://storage.example:8080/pool/')
const locate = (location: string | undefined, path = 'a/b'): string | undefined =>
  gateLocation(location, base, orderFor(path))

test.each([
  ['/pool/a/b/', 'a/b/'],
  ['http://storage.example:8080/pool/c', 'c'],
  ['HTTP://STORAGE.example:8080/pool/c?x=1#y', 'c'],
  ['http://user:password@storage.example:8080/pool/c', 'c'],
  ['c', 'a/c'],
  ['../c', 'c'],
  ['/pool/', ''],
  ['/pool/sp%20ace/%C3%BC', 'sp%20ace/%C3%BC'],
])('makes %j a place of the gate', (location, path) => {
  expect(locate(location)).toBe(BASE_URL + path)
})

test.each([
  undefined,
  'http://storage.example/pool/c',
  'https://storage.example:8080/pool/c',
  'http://storage.example.evil.example:8080/pool/c',
  'http://storage.example:8080@evil.example/pool/c',
  '//evil.example/pool/c',
  '\\\\evil.example/pool/c',
  '/pool',
  '/pool/../c',
  '/pool/%2e%2e/c',
  '../../c',
  '/poolside/c',
  'javascript:alert(1)',
  'data:,x',
  'http://[',
])('leads nowhere for %j', (location) => {
  expect(locate(location)).toBeUndefined()
})

test('refuses a redirect to the same file', () => {
  expect(locate('/pool/a/b')).toBeUndefined()
  expect(locate('?other=1')).toBeUndefined()
  expect(locate('/pool/a%20b', 'a b')).toBeUndefined()
})

test('resolves a relative redirect against the encoded path, whatever a name looks like', () => {
  expect(locate('x', 'http:/evil.example/y')).toBe(`${BASE_URL}http%3A/evil.example/x`)
  expect(locate('x', 'what?/y#z')).toBe(`${BASE_URL}what%3F/x`)
})

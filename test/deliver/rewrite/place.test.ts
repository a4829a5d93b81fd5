import { expect, test } from 'vitest'
import { placeOfLink } from '../../../src/deliver/rewrite/place.ts'

const BASE = new URL('https://st.example.com/root/')

test.each([
  ['https://st.example.com/root/a/b', 'a/b'],
  ['https://st.example.com/root', ''],
  ['https://st.example.com/root/', ''],
  ['https://st.example.com/root/a%20b?x#y', 'a b'],
  ['//st.example.com/root/a', 'a'],
  ['/root/a', 'a'],
  ['a', 'folder/a'],
  ['../a', 'a'],
  // Elsewhere: what is alike is left out, and nothing leads around the gate.
  ['https://cdn.example.com/root/a', 'a'],
  ['https://cdn.example.com/other/a', 'other/a'],
  ['https://st.example.com/rooted/a', 'rooted/a'],
  ['../../../../a', 'a'],
])('%s leads to %j', (link, place) => {
  expect(placeOfLink(link, 'folder/document.json', BASE)).toBe(place)
})

test.each([
  'ftp://st.example.com/root/a',
  'mailto:x@example.com',
  'https://',
  'https://st.example.com/root/a%2f..%2fb',
  '/root/%2e%2e%2fb',
])('%s leads nowhere', (link) => {
  expect(placeOfLink(link, 'folder/document.json', BASE)).toBeUndefined()
})

test('a folder has no URL of its own, and what its documents name relative to themselves is found', () => {
  expect(placeOfLink('../files/a.zip', 'v1/x/download', undefined)).toBe('v1/files/a.zip')
})

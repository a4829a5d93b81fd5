import { expect, test } from 'vitest'
import { contentType } from '../../src/deliver/content-type.ts'
import { artifactAt } from './orders.ts'

test.each([
  ['a.tgz', 'application/gzip'],
  ['A.DEB', 'application/vnd.debian.binary-package'],
  ['a.html', 'application/octet-stream'],
  ['a.svg', 'application/octet-stream'],
  ['a.js', 'application/octet-stream'],
  ['a.xml', 'text/plain; charset=utf-8'],
  ['a.constructor', 'application/octet-stream'],
  ['a.__proto__', 'application/octet-stream'],
  ['a.', 'application/octet-stream'],
  ['tool', 'application/octet-stream'],
])('takes %s for %s', (path, type) => {
  expect(contentType(artifactAt(path))).toBe(type)
})

test('takes indexes without an extension for text', () => {
  expect(contentType(artifactAt('InRelease', { kind: 'metadata' }))).toBe('text/plain; charset=utf-8')
})

test('takes the documents of npm for JSON, whatever their names end in', () => {
  expect(contentType(artifactAt('socket.io', { format: 'npm', kind: 'metadata' }))).toBe('application/json')
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildPath, matchPath } from '../../../src/console/router/match.ts'

const TOKEN = '/tokens/:owner/:repo/:id'

test.each([
  ['/', '/', {}],
  ['/tokens', '/tokens/', {}],
  [TOKEN, '/tokens/acme/*/01JD', { owner: 'acme', repo: '*', id: '01JD' }],
  [TOKEN, '/tokens/a%2Fb/c/d', { owner: 'a/b', repo: 'c', id: 'd' }],
])('%s fits %s', (pattern, path, params) => {
  expect(matchPath(pattern, path)).toEqual(params)
})

test.each([
  ['/tokens', '/'],
  ['/tokens', '/tokens/acme'],
  [TOKEN, '/tokens/acme/stable'],
  [TOKEN, '/tokens/acme/stable/%E0%A4%A'],
])('%s does not fit %s', (pattern, path) => {
  expect(matchPath(pattern, path)).toBeUndefined()
})

test('what is built is read back, whatever the parameters are', () => {
  const value = fc.string({ unit: 'grapheme', minLength: 1 })
  fc.assert(
    fc.property(value, value, value, (owner, repo, id) => {
      expect(matchPath(TOKEN, buildPath(TOKEN, { owner, repo, id }))).toEqual({ owner, repo, id })
    }),
  )
})

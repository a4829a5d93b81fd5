import { describe, expect, test } from 'vitest'
import { createBaseUrl } from '../../src/gateway/base-url.ts'
import type { Target } from '../../src/request/target.ts'

const target: Target = {
  entrance: 'path',
  isGreeting: false,
  secret: 's',
  owner: 'acme',
  repo: 'js',
  path: 'x',
  query: '',
  prefix: '/s/acme/js/',
}
const hosts = new Map([['npm.example.com', 'acme/js']])
const known = createBaseUrl({ publicUrl: 'https://dl.example.com/gate', isGuessed: false, hosts })
const guessed = createBaseUrl({ publicUrl: 'http://127.0.0.1:8080', isGuessed: true, hosts })

describe('the base of URLs into the gate', () => {
  test('is public_url where that is known, whatever host the client names', () => {
    for (const host of ['evil.example', 'dl.example.com', undefined]) {
      expect(known(target, host)).toBe('https://dl.example.com/gate/s/acme/js/')
    }
  })

  test('is the host that chose the repository, with the scheme of public_url', () => {
    expect(known(target, 'npm.example.com')).toBe('https://npm.example.com/s/acme/js/')
    expect(known(target, 'NPM.example.com:8443')).toBe('https://NPM.example.com:8443/s/acme/js/')
  })

  test('is the host that the client names where nobody said better', () => {
    expect(guessed(target, 'localhost:8080')).toBe('http://localhost:8080/s/acme/js/')
    expect(guessed(target, '[::1]:8080')).toBe('http://[::1]:8080/s/acme/js/')
    expect(guessed(target, undefined)).toBe('http://127.0.0.1:8080/s/acme/js/')
  })

  test.each(['a b', 'x/y', 'x"y', 'x@y', 'x:99999999', '', 'x\\y', '<x>'])(
    'is never made of an odd host: %j',
    (host) => {
      expect(guessed(target, host)).toBe('http://127.0.0.1:8080/s/acme/js/')
    },
  )
})

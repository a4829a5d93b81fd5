import { describe, expect, test } from 'vitest'
import { MAPPED, outcome } from '../request/read.ts'

const PATH = '/basic/acme/deb/x'

describe('a target in absolute form is read for its own host only', () => {
  test.each(['http://gate.test', 'https://gate.test', 'HTTP://GATE.TEST'])('%s', (origin) => {
    expect(outcome(origin + PATH)).toBe('acme/deb:x')
  })

  test.each([
    'http://evil.test',
    'http://gate.test.evil.test',
    'http://gate.test:8080',
    'http://gate.test@evil.test',
    'http://evil.test@gate.test',
    'http://user:pass@gate.test',
    'http://gate.test\\@evil.test',
    'http://',
    'http:///gate.test',
    'http:/gate.test',
    'http:gate.test',
    'ftp://gate.test',
    'file://gate.test',
    '//gate.test@',
  ])('not for %s', (origin) => {
    expect(['request_malformed', 'path_ambiguous']).toContain(outcome(origin + PATH))
  })

  test('not without a Host header', () => {
    expect(outcome(`http://gate.test${PATH}`, '')).toBe('request_malformed')
  })

  test('which is not chosen by what follows it', () => {
    expect(outcome('http://gate.test?/basic/acme/deb/x')).toBe('not_found')
    expect(outcome('http://gate.test#/basic/acme/deb/x')).toBe('path_ambiguous')
  })
})

describe('a mapping of hosts follows the Host header', () => {
  test('with which the absolute form has to agree', () => {
    expect(outcome('http://npm.acme.test/basic/x', 'npm.acme.test', MAPPED)).toBe('acme/npm:x')
    expect(outcome('http://npm.acme.test/basic/x', 'dl.acme.test', MAPPED)).toBe('request_malformed')
  })

  test('a target that begins with two slashes names no host', () => {
    expect(outcome('//npm.acme.test/basic/x', 'npm.acme.test', MAPPED)).toBe('path_ambiguous')
  })
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RESERVED_SEGMENTS } from '../../src/policy/secret.ts'
import { parseTarget, type TargetRules } from '../../src/request/target.ts'
import { accept, MAPPED, outcome, RULES } from './read.ts'

const SECRET = 'ptkExample01'

describe('a target', () => {
  test('with the secret in its path is split into secret, repository and path', () => {
    expect(accept(`/${SECRET}/acme/deb/dists/stable/InRelease`)).toEqual({
      entrance: 'path',
      secret: SECRET,
      owner: 'acme',
      repo: 'deb',
      isGreeting: false,
      path: 'dists/stable/InRelease',
      query: '',
      prefix: `/${SECRET}/acme/deb/`,
    })
  })

  test('below /t/ is read as conda writes it', () => {
    const { entrance, secret, path, prefix } = accept(`/t/${SECRET}/acme/deb/noarch/repodata.json`)
    expect([entrance, secret, path, prefix]).toEqual([
      'path',
      SECRET,
      'noarch/repodata.json',
      `/t/${SECRET}/acme/deb/`,
    ])
  })

  test.each(['basic', 'public', 'v2'])('below /%s/ carries no secret', (entrance) => {
    const target = accept(`/${entrance}/acme/deb/Release`)
    expect(target).toMatchObject({ entrance, secret: undefined, prefix: `/${entrance}/acme/deb/` })
  })

  test('keeps its query apart and raw', () => {
    const { path, query } = accept(`/basic/acme/deb/a%3Fb?x=%2e%2e/..;&y=?\\z`)
    expect([path, query]).toEqual(['a?b', 'x=%2e%2e/..;&y=?\\z'])
  })

  test.each(['?a#b', '?a b', '?a\u0000', '?a\u007f', '?a\u0100'])(
    'with the query %j is ambiguous',
    (query) => {
      expect(outcome(`/basic/acme/deb/x${query}`)).toBe('path_ambiguous')
    },
  )

  test.each([
    [`/${SECRET}/acme/deb`, ''],
    [`/${SECRET}/acme/deb/`, ''],
    [`/${SECRET}/acme/deb//`, ''],
    [`/${SECRET}/acme/deb/.`, ''],
    [`/${SECRET}/acme/deb?x`, ''],
    [`/${SECRET}/acme/deb/pool/`, 'pool/'],
    [`/${SECRET}/acme/deb/pool/%2e`, 'pool/'],
  ])('%s names the directory %j', (raw, path) => {
    expect(accept(raw).path).toBe(path)
  })

  test.each([
    '/',
    '/?/a/b/c',
    `/${SECRET}`,
    `/${SECRET}/`,
    `/${SECRET}/acme`,
    `/${SECRET}/acme/`,
    `/${SECRET}?/acme/deb/x`,
    '/basic',
    '/basic/acme/',
    '/t',
    '/t/',
    `/t/${SECRET}/acme/`,
    '/robots.txt',
    '/favicon.ico',
    '/.well-known/security.txt',
    '/.well-known/acme-challenge/token',
    '/.well-known/acme-challenge/token/x',
    `/${SECRET}/.git/config`,
    `/${SECRET}/acme/.git/config`,
    '/v2/acme',
    '/v2/acme/',
    '/v2/_catalog',
    '/v2/_catalog?n=100',
    '/v1/_ping',
    '/api/v1/entitlements/acme/deb/',
    '/healthz/a/b/c',
    '/metrics/a/b/c',
  ])('%s names nothing', (raw) => {
    expect(outcome(raw)).toBe('not_found')
  })

  test.each([
    '//acme/deb/x',
    `//${SECRET}/acme/deb/x`,
    `/./${SECRET}/acme/deb/x`,
    `/../${SECRET}/acme/deb/x`,
    `/${SECRET}//acme/deb/x`,
    `/${SECRET}/acme//deb/x`,
    `/${SECRET}/./acme/deb/x`,
    `/${SECRET}/acme/./deb/x`,
    `/${SECRET}/acme/../deb/x`,
    `/basic/acme/..`,
    `/${SECRET}/%61cme/deb/x`,
    `/${SECRET}/acme/de%62/x`,
    `/ptk%45xample01/acme/deb/x`,
    `/%62asic/acme/deb/x`,
    `/${SECRET}/acme/d\u00e9b/x`,
    `/${SECRET}/@acme/deb/x`,
    `/${SECRET}/-acme/deb/x`,
    `/${SECRET}:/acme/deb/x`,
    `/token:${SECRET}@x/acme/deb/x`,
    `/${SECRET}/acme/"deb"/x`,
    `/${SECRET}/~acme/deb/x`,
    `/${SECRET}/acme+/deb/x`,
  ])('%s has an odd segment before the path and is ambiguous', (raw) => {
    expect(outcome(raw)).toBe('path_ambiguous')
  })

  test.each(['a.b', 'a..b', 'acme.', 'a_b', '_a', 'A-B', '0', '__proto__', 'constructor'])(
    'may name the owner and the repository %s',
    (name) => {
      expect(accept(`/${SECRET}/${name}/${name}/x`)).toMatchObject({ owner: name, repo: name, path: 'x' })
    },
  )

  test.each([...RESERVED_SEGMENTS].filter((name) => !['basic', 'public', 't', 'v2'].includes(name)))(
    'that begins with the reserved /%s/ is never read as a secret',
    (name) => {
      expect(outcome(`/${name}/acme/deb/x`)).toBe('not_found')
    },
  )

  test.each(['/v2', '/v2/', '/v2/?n=1'])('%s is the greeting of a client of a registry', (raw) => {
    const nowhere = { entrance: 'v2', isGreeting: true, owner: '', repo: '', path: '', secret: undefined }
    expect(accept(raw)).toMatchObject(nowhere)
  })

  test.each(['/v2//', '/v2/./', '/v2/%2e/', '//v2/'])('%s is no greeting', (raw) => {
    expect(outcome(raw)).toMatch(/^(?:path_ambiguous|not_found)$/)
  })

  test('is a greeting on a host that implies a repository, too', () => {
    const own = { entrance: 'v2', owner: 'acme', repo: 'npm', prefix: '/v2/' }
    expect(accept('/v2/', 'npm.acme.test', MAPPED)).toMatchObject({ ...own, isGreeting: true, path: '' })
    expect(accept('/v2/tool/manifests/1.0', 'npm.acme.test', MAPPED)).toMatchObject({
      ...own,
      isGreeting: false,
      path: 'tool/manifests/1.0',
    })
  })

  test('asks for the services of a host, where that stands for a repository', () => {
    const path = '/.well-known/terraform.json'
    const asked = { entrance: 'public', owner: 'acme', repo: 'npm', isDiscovery: true, secret: undefined }
    expect(accept(`${path}?x`, 'npm.acme.test', MAPPED)).toMatchObject(asked)
    for (const host of ['dl.acme.test', 'other.test']) expect(outcome(path, host, MAPPED)).toBe('not_found')
    for (const other of [
      `${path}/`,
      path.toUpperCase(),
      '/.well-known//terraform.json',
      '/.well-known/terraform%2ejson',
    ])
      expect(outcome(other, 'npm.acme.test', MAPPED)).toMatch(/^(?:path_ambiguous|not_found)$/)
  })

  test.each(['*', '', 'a/b', 'gate.test:443', 'ftp://gate.test/x', 'http:/x', 'http:///basic/acme/deb/x'])(
    '%j is no path',
    (raw) => {
      expect(outcome(raw)).toBe('request_malformed')
    },
  )
})

describe('on a mapped host', () => {
  test.each([
    ['dl.acme.test', `/${SECRET}/deb/a/b`, 'acme/deb:a/b'],
    ['dl.acme.test', `/t/${SECRET}/deb/a/b`, 'acme/deb:a/b'],
    ['dl.acme.test', '/basic/deb/a', 'acme/deb:a'],
    ['dl.acme.test', `/${SECRET}/deb`, 'acme/deb:'],
    ['dl.acme.test', `/${SECRET}`, 'not_found'],
    ['dl.acme.test', '/healthz', 'not_found'],
    ['npm.acme.test', `/${SECRET}/left-pad`, 'acme/npm:left-pad'],
    ['npm.acme.test', `/${SECRET}/@a%2fb`, 'acme/npm:@a/b'],
    ['npm.acme.test', `/${SECRET}/`, 'acme/npm:'],
    ['npm.acme.test', `/${SECRET}`, 'acme/npm:'],
    ['npm.acme.test', '/basic/left-pad', 'acme/npm:left-pad'],
    ['npm.acme.test', '/', 'not_found'],
    ['npm.acme.test', '//x', 'path_ambiguous'],
    ['npm.acme.test', '/t', 'not_found'],
    ['npm.acme.test', '/t/', 'not_found'],
    ['npm.acme.test', '/healthz', 'not_found'],
  ])('%s, %s is %s', (host, raw, expected) => {
    expect(outcome(raw, host, MAPPED)).toBe(expected)
  })

  test.each(['DL.ACME.TEST', 'dl.acme.test:8080', 'dl.acme.test:', 'dl.acme.test.', 'Dl.Acme.Test.:443'])(
    'the host is also known as %s',
    (host) => {
      expect(outcome('/basic/deb/a', host, MAPPED)).toBe('acme/deb:a')
    },
  )

  test.each(['[::1]', '[::1]:8080'])('the address literal %s is a host', (host) => {
    expect(outcome('/basic/a', host, MAPPED)).toBe('acme/deb:a')
  })

  test.each(['dl.acme.test..', 'x.dl.acme.test', 'dl.acme.test:80:80', 'dl.acme.test, gate.test', 'dl', ''])(
    'the host %j is another one',
    (host) => {
      expect(outcome('/basic/deb/a', host, MAPPED)).toBe('deb/a:')
    },
  )

  test('a request without a Host header is read as on any other host', () => {
    expect(parseTarget('/basic/acme/deb/a', undefined, MAPPED)).toMatchObject({ owner: 'acme', path: 'a' })
  })

  test('the prefix is what the client wrote', () => {
    expect(accept(`/${SECRET}/x`, 'npm.acme.test', MAPPED).prefix).toBe(`/${SECRET}/`)
  })
})

describe('a nested npm prefix', () => {
  const NESTED = `/${SECRET}/acme/npm/ptkOld/acme/npm`

  test.each([
    [`${NESTED}/left-pad/-/left-pad-1.0.0.tgz`, 'left-pad/-/left-pad-1.0.0.tgz'],
    [`${NESTED}/@a%2fb`, '@a/b'],
    [`/basic/acme/npm/ptkOld/acme/npm/x`, 'x'],
    [`/${SECRET}/acme/npm/basic/acme/npm/x`, 'x'],
  ])('%s is dropped', (raw, path) => {
    expect(accept(raw).path).toBe(path)
  })

  test.each([
    [`/${SECRET}/acme/deb/ptkOld/acme/deb/x`, 'ptkOld/acme/deb/x'],
    [`/${SECRET}/acme/npm/ptkOld/other/npm/x`, 'ptkOld/other/npm/x'],
    [`/${SECRET}/acme/npm/ptkOld/acme/npm`, 'ptkOld/acme/npm'],
    [`/${SECRET}/acme/npm/ptkOld/acme/npm/`, 'ptkOld/acme/npm/'],
    [`/${SECRET}/npm/npm/-/npm/npm/keys`, '-/npm/npm/keys'],
    [`/${SECRET}/acme/npm/@x/acme/npm/y`, '@x/acme/npm/y'],
  ])('is not seen in %s', (raw, path) => {
    expect(accept(raw).path).toBe(path)
  })

  test('is looked through once only', () => {
    expect(accept(`${NESTED}/ptkOlder/acme/npm/x`).path).toBe('ptkOlder/acme/npm/x')
  })
})

test('every string whatsoever is read or refused, never thrown at', () => {
  const strings = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.webPath(), fc.webUrl())
  const hosts: fc.Arbitrary<string | undefined> = fc.option(fc.string(), { nil: undefined })
  const rules: TargetRules = { ...MAPPED, hasScopedNames: () => true }
  fc.assert(
    fc.property(strings, hosts, (raw, host) => {
      for (const each of [raw, `/basic/acme/npm/${raw}`]) {
        const target = parseTarget(each, host, rules)
        expect('ok' in target ? target.ok : target.path.startsWith('/')).toBe(false)
      }
    }),
    { numRuns: 5000 },
  )
})

test('a canonical path has no empty, dotted or control-bearing segment', () => {
  const pieces = fc.constantFrom('/', '.', '%2e', '%2F', '%5c', '%00', '%25', '2e', '@', 'a', 'ü', ';', '%20')
  const raw = fc.array(pieces, { maxLength: 12 }).map((parts) => `/basic/acme/npm/${parts.join('')}`)
  fc.assert(
    fc.property(raw, (each) => {
      const target = parseTarget(each, 'gate.test', RULES)
      if ('ok' in target) return
      const segments = target.path.replace(/\/$/, '').split('/')
      expect(
        target.path === '' || segments.every((one) => /^(?!\.{1,2}$)[^\u0000-\u001f\\;]+$/.test(one)),
      ).toBe(true)
    }),
    { numRuns: 20_000 },
  )
})

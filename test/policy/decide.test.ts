import { describe, expect, test } from 'vitest'
import { decide, decidePublic, type Place } from '../../src/policy/decide.ts'
import type { Artifact, ArtifactKind, Repository, TokenRecord } from '../../src/policy/types.ts'
import { compileToken, newRecord } from './records.ts'

const CURL: Artifact = {
  format: 'deb',
  kind: 'package',
  path: 'pool/curl.deb',
  name: 'curl',
  version: '7.1',
  filename: 'curl.deb',
}
const PLACE: Place = { owner: 'acme', repo: 'deb', artifact: CURL, address: '198.51.100.7' }
const NOW = 1_000_000

function verdict(fields: Partial<TokenRecord>, place: Partial<Place> = {}, now: number = NOW): unknown {
  const decision = decide(compileToken(newRecord(fields)), { ...PLACE, ...place }, now)
  return decision.ok ? decision.charge : decision.code
}

describe('the window of a token', () => {
  test.each([
    [NOW - 1, 'token_not_yet_valid'],
    [NOW, 'download'],
    [NOW + 1, 'download'],
  ])('begins at its first instant: at %j %s', (now, expected) => {
    expect(verdict({ validFrom: NOW }, {}, now)).toBe(expected)
  })

  test.each([
    [NOW - 1, 'download'],
    [NOW, 'token_expired'],
    [NOW + 1, 'token_expired'],
  ])('ends before its last instant: at %j %s', (now, expected) => {
    expect(verdict({ validUntil: NOW }, {}, now)).toBe(expected)
  })

  test('is told with its edge', () => {
    const token = compileToken(newRecord({ validFrom: NOW + 5 }))
    expect(decide(token, PLACE, NOW)).toEqual({
      ok: false,
      code: 'token_not_yet_valid',
      facts: { at: NOW + 5 },
    })
    const expired = compileToken(newRecord({ validUntil: 5 }))
    expect(decide(expired, PLACE, NOW)).toEqual({ ok: false, code: 'token_expired', facts: { at: 5 } })
  })

  test('at the beginning of time is a window like any other', () => {
    expect(verdict({ validUntil: 0 })).toBe('token_expired')
    expect(verdict({ validFrom: 0 })).toBe('download')
  })

  test('that ends before it begins lets nobody in', () => {
    const window = { validFrom: NOW, validUntil: NOW - 10 }
    expect([NOW - 11, NOW - 5, NOW, NOW + 5].map((now) => verdict(window, {}, now))).not.toContain('download')
  })
})

describe('a window that starts with the first download', () => {
  const waiting = { validFrom: NOW, validUntil: NOW + 100, startsOnFirstDownload: true }

  test.each([
    [NOW - 1, 'token_not_yet_valid'],
    [NOW, 'download'],
    [NOW + 1_000_000, 'download'],
  ])('is open from its first date on while it waits: at %j %s', (now, expected) => {
    expect(verdict(waiting, {}, now)).toBe(expected)
  })

  test.each([
    [NOW + 499, 'token_not_yet_valid'],
    [NOW + 500, 'download'],
    [NOW + 599, 'download'],
    [NOW + 600, 'token_expired'],
  ])('is as long as its dates are apart once it has begun: at %j %s', (now, expected) => {
    expect(verdict({ ...waiting, firstDownloadAt: NOW + 500 }, {}, now)).toBe(expected)
  })

  test('counts its dates as they are when one is missing', () => {
    expect(verdict({ ...waiting, validFrom: null }, {}, NOW + 100)).toBe('token_expired')
    expect(verdict({ ...waiting, validUntil: null }, {}, NOW - 1)).toBe('token_not_yet_valid')
  })
})

describe('the networks of a token', () => {
  test.each([
    ['198.51.100.7', 'download'],
    ['198.51.101.7', 'network_not_allowed'],
    ['2001:db8::1', 'download'],
    ['2001:db8::2', 'network_not_allowed'],
    ['no address', 'network_not_allowed'],
    ['', 'network_not_allowed'],
  ])('for %s: %s', (address, expected) => {
    expect(verdict({ networks: ['198.51.100.0/24', '2001:db8::1'] }, { address })).toBe(expected)
  })

  test('that are none or can not be read let nobody in', () => {
    expect(verdict({ networks: [] })).toBe('network_not_allowed')
    expect(verdict({ networks: ['198.51.100.0/24', 'nonsense'] })).toBe('network_not_allowed')
  })
})

test('the checks come in their order, and the first that fails tells', () => {
  const nothing: Partial<TokenRecord> = {
    isActive: false,
    validFrom: NOW + 1,
    validUntil: NOW,
    repositories: [],
    packages: [],
  }
  const nowhere = { artifact: undefined }
  const elsewhere: Partial<TokenRecord> = { networks: ['192.0.2.0/24'], repositories: [], packages: [] }
  const steps: readonly (readonly [Partial<TokenRecord>, Partial<Place>])[] = [
    [nothing, nowhere],
    [{ ...nothing, isActive: true }, nowhere],
    [{ ...nothing, isActive: true, validFrom: null }, nowhere],
    [{ ...nothing, isActive: true, validFrom: null, validUntil: null, networks: [] }, nowhere],
    [elsewhere, nowhere],
    [{ repositories: [], packages: [] }, nowhere],
    [{ packages: [] }, nowhere],
    [{ packages: [] }, {}],
    [{}, {}],
  ]
  expect(steps.map(([fields, place]) => verdict(fields, place))).toEqual([
    'token_disabled',
    'token_not_yet_valid',
    'token_expired',
    'network_not_allowed',
    'network_not_allowed',
    'repository_not_covered',
    'not_found',
    'package_not_covered',
    'download',
  ])
})

test('a token that does not work learns nothing about what exists', () => {
  for (const fields of [
    { isActive: false },
    { validUntil: NOW },
    { validFrom: NOW + 1 },
    { networks: ['192.0.2.0/24'] },
    { repositories: [] },
  ]) {
    expect(verdict(fields, { artifact: undefined })).toBe(verdict(fields))
  }
})

describe('a charge', () => {
  test.each<[ArtifactKind, string]>([
    ['package', 'download'],
    ['unknown', 'download'],
    ['metadata', 'free'],
    ['signature', 'free'],
    ['checksum', 'free'],
    ['key', 'free'],
    ['listing', 'free'],
  ])('for a file of kind %s is: %s', (kind, charge) => {
    expect(verdict({}, { artifact: { ...CURL, kind } })).toBe(charge)
  })
})

describe('without a token', () => {
  const repository: Repository = { owner: 'acme', repo: 'free', format: 'raw', public: true }

  test('a public repository is free', () => {
    expect(decidePublic(repository)).toEqual({ ok: true, charge: 'free' })
  })

  test('a private repository and one that does not exist look the same', () => {
    const refusal = decidePublic({ ...repository, public: false })
    expect(refusal).toMatchObject({ ok: false, code: 'credential_missing' })
    expect(decidePublic(undefined)).toEqual(refusal)
  })
})

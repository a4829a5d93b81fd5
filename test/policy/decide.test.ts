import { describe, expect, test } from 'vitest'
import {
  decide,
  decideAcceptance,
  decidePage,
  decidePublic,
  type PagePlace,
  type Place,
} from '../../src/policy/decide.ts'
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

describe('a EULA', () => {
  const eula = { revision: 2, isForAll: false }
  const accepted = (revision: number, place = 'acme/deb'): Partial<TokenRecord> => ({
    eulaRequired: true,
    eulaAccepted: { [place]: { revision, at: NOW, address: '192.0.2.1' } },
  })

  test.each([
    ['not asked for', {}, eula, 'download'],
    ['asked for where there is none', { eulaRequired: true }, undefined, 'download'],
    ['asked for', { eulaRequired: true }, eula, 'eula_not_accepted'],
    ['asked for of all', {}, { ...eula, isForAll: true }, 'eula_not_accepted'],
    ['accepted', accepted(2), eula, 'download'],
    ['accepted in a revision before', accepted(1), eula, 'eula_not_accepted'],
    ['accepted in a later one, elsewhere in force already', accepted(3), eula, 'download'],
    ['accepted for another repository', accepted(2, 'acme/rpm'), eula, 'eula_not_accepted'],
  ])('%s', (_, fields, asked, expected) => {
    expect(verdict(fields, { eula: asked })).toBe(expected)
  })

  test('keeps indexes and keys back, too, and says which revision is due', () => {
    const artifact: Artifact = { format: 'deb', kind: 'key', path: 'key.asc', filename: 'key.asc' }
    const decision = decide(
      compileToken(newRecord({ eulaRequired: true })),
      { ...PLACE, artifact, eula },
      NOW,
    )
    expect(decision).toEqual({ ok: false, code: 'eula_not_accepted', facts: { revision: 2 } })
  })

  test('is asked for before packages are judged, and after the token', () => {
    expect(verdict({ eulaRequired: true, packages: [] }, { eula })).toBe('eula_not_accepted')
    expect(verdict({ eulaRequired: true, isActive: false }, { eula })).toBe('token_disabled')
    expect(verdict({ eulaRequired: true }, { eula, repo: 'other' })).toBe('repository_not_covered')
    expect(verdict({ eulaRequired: true }, { eula, artifact: undefined })).toBe('not_found')
  })

  test.each([
    [{}, 'free'],
    [{ isActive: false }, 'token_disabled'],
    [{ validUntil: NOW }, 'token_expired'],
    [{ networks: ['192.0.2.0/24'] }, 'network_not_allowed'],
    [{ repositories: ['acme/rpm'] }, 'repository_not_covered'],
  ])('can be accepted where the token works: %j %s', (fields, expected) => {
    const { artifact: _, ...place } = PLACE
    const decision = decideAcceptance(compileToken(newRecord(fields)), { ...place, eula }, NOW)
    expect(decision.ok ? decision.charge : decision.code).toBe(expected)
  })
})

describe('the page of a repository', () => {
  const page = (fields: Partial<TokenRecord>, place: Partial<PagePlace> = {}): unknown => {
    const here = { owner: 'acme', repo: 'deb', address: '198.51.100.7', isServed: true, ...place }
    const decision = decidePage(compileToken(newRecord(fields)), here, NOW)
    return decision.ok ? decision.charge : decision.code
  }

  test('is shown, free, to tokens that open nothing, too', () => {
    for (const fields of [
      {},
      { isActive: false },
      { validUntil: NOW },
      { validFrom: NOW + 1 },
      { packages: [] },
    ])
      expect(page(fields)).toBe('free')
  })

  test('is shown to nobody at another address, and of no other repository', () => {
    expect(page({ networks: ['192.0.2.0/24'] })).toBe('network_not_allowed')
    expect(page({}, { repo: 'other' })).toBe('repository_not_covered')
    expect(page({}, { isServed: false })).toBe('not_found')
    expect(page({ isActive: false }, { isServed: false })).toBe('token_disabled')
  })
})

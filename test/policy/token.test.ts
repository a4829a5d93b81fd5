import { describe, expect, test } from 'vitest'
import type { Artifact, TokenRecord } from '../../src/policy/types.ts'
import { compileToken, newRecord } from './records.ts'

const CURL: Artifact = {
  format: 'deb',
  kind: 'package',
  path: 'pool/curl.deb',
  name: 'curl',
  version: '7.1',
  filename: 'curl.deb',
}

function coversRepository(repositories: TokenRecord['repositories'], owner: string, repo: string): boolean {
  return compileToken(newRecord({ repositories })).coversRepository(owner, repo)
}

function coversWith(fields: Partial<TokenRecord>, artifact: Artifact = CURL): boolean {
  return compileToken(newRecord(fields)).covers(artifact, 'acme', 'deb')
}

function covers(packages: TokenRecord['packages'], artifact?: Artifact): boolean {
  return coversWith({ packages }, artifact)
}

test('a compiled token keeps what its record says of it, and none of its lists', () => {
  const record = newRecord({ packages: ['curl'], limitDownloads: 7, metadata: { licence: 5 } })
  const kept = compileToken(record).record
  expect(record).toMatchObject(kept)
  expect(kept).toMatchObject({ slugPerm: record.slugPerm, name: 'customer', limitDownloads: 7, createdAt: 0 })
  expect(Object.keys(kept)).not.toEqual(expect.arrayContaining(['packages']))
  expect(Object.keys(kept)).not.toEqual(expect.arrayContaining(['metadata']))
})

test('tokens that say the same share what is compiled of it', () => {
  const fields = { packages: ['curl@>=7', '!wget'], networks: ['192.0.2.0/24'], repositories: ['acme/*'] }
  const [one, other] = [
    compileToken(newRecord(fields)),
    compileToken(newRecord({ ...fields, name: 'other' })),
  ]
  expect(other.covers).toBe(one.covers)
  expect(other.includesAddress).toBe(one.includesAddress)
  expect(other.coversRepository).toBe(one.coversRepository)
})

describe('the repositories of a token', () => {
  test('are the one it was created in when it names none', () => {
    expect(coversRepository(null, 'acme', 'deb')).toBe(true)
    expect(coversRepository(null, 'acme', 'rpm')).toBe(false)
    expect(coversRepository(null, 'other', 'deb')).toBe(false)
    expect(coversRepository(null, 'Acme', 'deb')).toBe(false)
  })

  test('are those it names, and its own only if it is among them', () => {
    expect(coversRepository(['acme/r*'], 'acme', 'rpm')).toBe(true)
    expect(coversRepository(['acme/r*'], 'acme', 'deb')).toBe(false)
  })

  test('are none when its list is empty or does not compile', () => {
    expect(coversRepository([], 'acme', 'deb')).toBe(false)
    expect(coversRepository(['acme/deb', 'no repository'], 'acme', 'deb')).toBe(false)
  })
})

describe('the packages of a token', () => {
  test('are all when it names none', () => {
    expect(covers(null)).toBe(true)
    expect(covers(null, { ...CURL, kind: 'listing' })).toBe(true)
    expect(covers(null, { ...CURL, kind: 'unknown' })).toBe(true)
  })

  test('are those it names', () => {
    expect(covers(['curl@>=7'])).toBe(true)
    expect(covers(['wget'])).toBe(false)
    expect(covers(['**'], { ...CURL, kind: 'listing' })).toBe(false)
  })

  test('are none when its list is empty or does not compile', () => {
    expect(covers([])).toBe(false)
    expect(covers(['curl', 'curl@'])).toBe(false)
  })
})

const QUERIES = [
  ['packageQuery', 'name:curl', 'name:wget'],
  ['pathQuery', '^/pool/', '^/dists/'],
] as const

describe.each(QUERIES)('the %s of a token', (field, right, wrong) => {
  test('narrows nothing when there is none, as on tokens stored before there were queries', () => {
    expect(coversWith({ [field]: null }, { ...CURL, kind: 'listing' })).toBe(true)
    const { [field]: _, ...old } = newRecord()
    expect(compileToken(old as TokenRecord).covers(CURL, 'acme', 'deb')).toBe(true)
  })

  test('covers the packages for which it holds', () => {
    expect(coversWith({ [field]: right })).toBe(true)
    expect(coversWith({ [field]: wrong })).toBe(false)
    expect(coversWith({ [field]: `NOT ${right}` })).toBe(false)
  })

  test('covers nothing when it is empty or does not compile', () => {
    for (const kind of ['package', 'metadata', 'key'] as const) {
      expect(coversWith({ [field]: '' }, { ...CURL, kind })).toBe(false)
      expect(coversWith({ [field]: `${right} OR tag:x` }, { ...CURL, kind })).toBe(false)
    }
  })

  test('leaves what every client reads, and no listing nor what can not be told', () => {
    const kinds = ['metadata', 'signature', 'checksum', 'key', 'listing', 'unknown', 'package'] as const
    const nameless = { format: 'deb', path: 'pool/x', filename: 'x' } as const
    const covered = kinds.filter((kind) => coversWith({ [field]: wrong }, { kind, ...nameless }))
    expect(covered).toEqual(['metadata', 'signature', 'checksum', 'key'])
    for (const kind of ['listing', 'unknown'] as const) {
      expect(coversWith({ [field]: right }, { ...CURL, kind })).toBe(false)
    }
  })
})

describe('a query about something that can not be told', () => {
  const { version: _, ...unversioned } = CURL

  test.each(['version:>1', 'NOT version:>1', 'version:~>1'])('%s covers no package', (packageQuery) => {
    expect(coversWith({ packageQuery }, unversioned)).toBe(false)
  })

  test.each(['version:>1', 'NOT version:>1'])('%s covers what belongs to a package', (packageQuery) => {
    expect(coversWith({ packageQuery }, { ...unversioned, kind: 'metadata' })).toBe(true)
    expect(
      coversWith({ packageQuery: `name:wget ${packageQuery}` }, { ...unversioned, kind: 'metadata' }),
    ).toBe(false)
  })
})

test('rules and queries must all allow a package', () => {
  const right: Partial<TokenRecord> = { packages: ['curl'], packageQuery: 'name:curl', pathQuery: '/pool/' }
  expect(coversWith(right)).toBe(true)
  expect(coversWith({ ...right, packages: ['wget'] })).toBe(false)
  expect(coversWith({ ...right, packageQuery: 'name:wget' })).toBe(false)
  expect(coversWith({ ...right, pathQuery: '/dists/' })).toBe(false)
})

test('a query about the repository is asked about the one that is read from', () => {
  const token = compileToken(newRecord({ repositories: ['acme/*'], packageQuery: 'repository:deb' }))
  expect(token.covers(CURL, 'acme', 'deb')).toBe(true)
  expect(token.covers(CURL, 'acme', 'debug')).toBe(false)
})

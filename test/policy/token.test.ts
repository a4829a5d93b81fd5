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

describe('all versions of a package', () => {
  const IMAGE: Artifact = {
    format: 'docker',
    kind: 'package',
    path: 'team/tool/manifests/1.0',
    name: 'team/tool',
    version: '1.0',
    filename: '1.0',
  }
  const coversAll = (fields: Partial<TokenRecord>, artifact: Artifact = IMAGE): boolean =>
    compileToken(newRecord(fields)).coversAllVersions(artifact, 'acme', 'deb')

  test.each([
    [null, true],
    [[], false],
    [['team/tool'], true],
    [['team/*'], true],
    [['docker:**'], true],
    [['other'], false],
    [['docker:team/tool@1.0'], false],
    [['docker:team/tool@*'], false],
    [['docker:team/tool@1.0', 'team/tool'], true],
    [['team/tool', 'docker:team/tool@1.0'], true],
    [['team/tool', '!docker:team/tool@>=2'], false],
    [['!docker:team/tool@>=2', 'team/tool'], true],
    [['**', '!team/tool'], false],
    [['no rule@'], false],
  ])('are covered by the rules %j: %s', (packages, expected) => {
    expect(coversAll({ packages })).toBe(expected)
  })

  test.each([
    ['name:tool', true],
    ['name:^team/tool$', true],
    ['name:other', false],
    ['name:tool AND version:1.0', false],
    ['name:tool OR version:1.0', true],
    ['NOT version:2.0', false],
    ['format:docker', true],
  ])('are covered by the query %s: %s', (packageQuery, expected) => {
    expect(coversAll({ packageQuery })).toBe(expected)
  })

  test.each([
    ['^/team/tool/', true],
    ['^/team', true],
    ['^/team/tool/manifests/1', false],
    ['NOT ^/team/tool/manifests/2', false],
    ['NOT ^/team', false],
    ['NOT ^/other', true],
    ['blobs', false],
  ])('are covered by the path query %s: %s, whatever digest is asked for', (pathQuery, expected) => {
    expect(coversAll({ pathQuery })).toBe(expected)
    const { version: _, ...unversioned } = IMAGE
    const blob: Artifact = { ...unversioned, kind: 'metadata', path: 'team/tool/blobs/sha256:1' }
    expect(coversAll({ pathQuery }, blob)).toBe(expected)
  })

  test('are covered by every limit, or not at all', () => {
    expect(coversAll({ packages: ['team/*'], packageQuery: 'name:tool', pathQuery: '^/team' })).toBe(true)
    expect(coversAll({ packages: ['team/*'], packageQuery: 'name:other', pathQuery: '^/team' })).toBe(false)
    const { name: _, ...nameless } = IMAGE
    expect(coversAll({ packages: ['**'] }, nameless)).toBe(false)
    expect(coversAll({ packageQuery: 'format:docker' }, nameless)).toBe(false)
  })
})

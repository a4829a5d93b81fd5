import { describe, expect, test } from 'vitest'
import { compileToken } from '../../src/policy/token.ts'
import type { Artifact, TokenRecord } from '../../src/policy/types.ts'
import { newRecord } from './records.ts'

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

function covers(packages: TokenRecord['packages'], artifact: Artifact = CURL): boolean {
  return compileToken(newRecord({ packages })).covers(artifact)
}

test('a compiled token keeps its record', () => {
  const record = newRecord()
  expect(compileToken(record).record).toBe(record)
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

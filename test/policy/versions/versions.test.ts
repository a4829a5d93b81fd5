import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FORMATS } from '../../../src/policy/formats.ts'
import type { Format } from '../../../src/policy/types.ts'
import { versionRange } from '../../../src/policy/versions/versions.ts'

function contains(format: Format, range: string, version: string, inDoubt = false): boolean {
  const compiled = versionRange(format, range, inDoubt)
  if (typeof compiled !== 'function') throw new Error(compiled.problem)
  return compiled(version)
}

function problem(format: Format, range: string): string | undefined {
  const compiled = versionRange(format, range)
  return typeof compiled === 'function' ? undefined : compiled.problem
}

/** Any word is the tag of an image, or a branch of a hub. */
const NAMED: ReadonlySet<Format> = new Set(['docker', 'huggingface'])

describe.each(FORMATS)('a range for %s', (format) => {
  test.each([
    ['>=1.2.0', '1.2.0', true],
    ['>=1.2.0', '1.1.9', false],
    ['>1.2.0', '1.2.0', false],
    ['<=1.2.0', '1.2.0', true],
    ['<1.2.0', '1.2.0', false],
    ['<1.10.0', '1.9.0', true],
    ['=1.2.0', '1.2.0', true],
    ['1.2.0', '1.2.0', true],
    ['1.2.0', '1.2.1', false],
    ['>=1.0.0 <2.0.0', '1.5.0', true],
    ['>=1.0.0 <2.0.0', '2.0.0', false],
    ['>=1.0.0,<2.0.0', '1.5.0', true],
    ['>=1.0.0, <2.0.0', '2.1.0', false],
    ['>= 1.0.0 < 2.0.0', '1.5.0', true],
    ['  1.0.0  ', '1.0.0', true],
    ['1.0.0 || 2.0.0', '2.0.0', true],
    ['1.0.0||2.0.0', '1.5.0', false],
    ['<1.0.0 || >=2.0.0 <3.0.0', '2.5.0', true],
    ['<1.0.0 || >=2.0.0 <3.0.0', '3.5.0', false],
    ['*', '7.0.0', true],
    ['1.2.*', '1.2.9', true],
    ['1.2.*', '1.20.0', false],
    ['1.*', '1.2.3', true],
    ['1.*', '10.0.0', false],
    ['1.2.?', '1.2.3', true],
    ['1.2.?', '1.2.33', false],
    ['1.* >=1.5.0', '1.4.0', false],
    ['1* <11.0.0', '10.0.0', true],
  ])('%j for %s: %j', (range, version, expected) => {
    expect(contains(format, range, version)).toBe(expected)
  })

  test.each([
    ['', 'a version is missing'],
    ['   ', 'a version is missing'],
    [',', 'a version is missing'],
    ['1.0.0 ||', 'a version is missing'],
    ['|| 1.0.0', 'a version is missing'],
    ['>=1.0.0 || || 2.0.0', 'a version is missing'],
    ['>=', '"" is not'],
    ['>= <2.0.0', 'is not'],
    ['>=latest', '"latest" is not'],
    ['>>1.0.0', '">1.0.0" is not'],
    ['==1.0.0', '"=1.0.0" is not'],
    ['!=1.0.0', 'is not'],
    ['>=1.2.?', '"1.2.?" is not'],
    ['1.[0-9]*', 'characters that no version has'],
    ['(a+)+$*', 'characters that no version has'],
    ['1.0.0 | 2.0.0', 'is not'],
    ['^', '"^"'],
  ])('%j is refused', (range, expected) => {
    expect(problem(format, range)).toContain(expected)
  })

  test('is refused when it is longer than 256 characters', () => {
    expect(problem(format, '1.0.0 '.repeat(50))).toContain('longer than 256')
  })

  test('never contains what is no version, unless the doubt counts', () => {
    for (const version of ['', '~', '1.0%7e', '1:2:3', 'ü', '1/2', '-']) {
      expect(contains(format, '*', version)).toBe(false)
      expect(contains(format, '>=0.0.0', version)).toBe(false)
      expect(contains(format, '>=0.0.0', version, true)).toBe(true)
    }
  })

  test.skipIf(NAMED.has(format))('has no words', () => {
    expect(problem(format, 'latest')).toContain('"latest" is not')
    expect(contains(format, '*', 'current')).toBe(false)
  })

  test('is either compiled or refused, whatever is written, and then answers for every text', () => {
    const range = fc.string({
      unit: fc.constantFrom(
        '1',
        '.',
        '0',
        '>',
        '<',
        '=',
        '~',
        '^',
        '*',
        '?',
        ' ',
        ',',
        '|',
        'x',
        '-',
        'v',
        '@',
        '%',
      ),
      maxLength: 12,
    })
    const property = fc.property(range, fc.string(), (text, version) => {
      const compiled = versionRange(format, text)
      expect(typeof (typeof compiled === 'function' ? compiled(version) : compiled.problem)).not.toBe(
        'undefined',
      )
    })
    fc.assert(property, { numRuns: 1000 })
  })

  test('of hostile texts is done', () => {
    const units = ['1', '-', '~', '.', '1.', '1-', 'a1', '0', ' ', '*', 'a', '_']
    // What almost is a version makes an expression try all ways to read it.
    const texts = units.map((each) => each.repeat(100_000)).flatMap((each) => [each, `1${each}!`])
    for (const text of texts) {
      expect(contains(format, '>=1.0.0 || 1*', text, true)).toBeTypeOf('boolean')
      expect(versionRange(format, text.slice(0, 256))).toBeDefined()
    }
  })
})

describe('a range for deb', () => {
  test.each([
    ['<2.0', '2.0~rc1', true],
    ['>=2.0~', '2.0~rc1', true],
    ['>=2:1.5', '1.5-1', true],
    ['2:1.5*', '1.5-1', true],
    ['=1.0', '1.0-1', false],
    ['1.0-*', '1.0-1+b1', true],
    ['2.0~rc?', '2.0~rc2', true],
  ])('%j for %s: %j', (range, version, expected) => {
    expect(contains('deb', range, version)).toBe(expected)
  })

  test.each(['^1.0', '~1.0', '1.0_1'])('%j is refused', (range) => {
    expect(problem('deb', range)).toBeDefined()
  })
})

describe('a range for rpm', () => {
  test.each([
    ['=1.0', '1.0-7.el9', true],
    ['>1.0', '1.0-7.el9', false],
    ['<=1.0', '1.0-7.el9', true],
    ['>=1.0-8', '1.0-7.el9', false],
    ['<1.0', '1.0~rc1-1', true],
    ['1.?', '1.0-7.el9', true],
    ['1.*', '1.0-7.el9', true],
    ['1.0-7*', '1.0-7.el9', true],
    ['1:1.0', '1.0-7.el9', true],
  ])('%j for %s: %j', (range, version, expected) => {
    expect(contains('rpm', range, version)).toBe(expected)
  })

  test.each(['^1.0', '~1.0', '1-2-3'])('%j is refused', (range) => {
    expect(problem('rpm', range)).toBeDefined()
  })
})

describe('a range for npm', () => {
  test.each([
    ['^1.2.0', '1.9.0', true],
    ['^1.2.0', '2.0.0', false],
    ['~1.2.0', '1.3.0', false],
    ['1.2 - 2', '2.9.0', true],
    ['1.x', '1.9.0', true],
    ['>=1', '1.0.0', true],
    ['v1.0.0', '1.0.0', true],
    ['>=1.0.0', '2.0.0-rc.1', false],
    ['>=2.0.0-rc.1', '2.0.0-rc.2', true],
    ['*', '2.0.0-rc.1', false],
    ['1.2.3-beta*', '1.2.3-beta.4', true],
    ['1.2.3-beta*', '1.2.3-rc.1', false],
    ['*-beta.?', '1.2.3-beta.4', true],
    ['<1 || 1.2.3-beta*', '0.9.0', true],
    ['>=1, <2', '1.5.0', true],
  ])('%j for %s: %j', (range, version, expected) => {
    expect(contains('npm', range, version)).toBe(expected)
  })

  test('counts prereleases that it does not name when the doubt counts', () => {
    expect(contains('npm', '>=1.0.0', '2.0.0-rc.1', true)).toBe(true)
    expect(contains('npm', '>=3', '3.0.0-rc.1', true)).toBe(true)
    expect(contains('npm', '>=3', '2.9.0', true)).toBe(false)
  })
})

describe('a range for raw', () => {
  test.each([
    ['^1.2.0', '1.9.0', true],
    ['~1.2.0 || 2024.*', '2024.06', true],
    ['^1.2.0', '1.9', false],
    ['>=2024.01', '2024.06', true],
    ['>=1.0.0', '1.0.0-rc.1', false],
  ])('%j for %s: %j', (range, version, expected) => {
    expect(contains('raw', range, version)).toBe(expected)
  })

  test('counts what is no semantic version after ^ when the doubt counts', () => {
    expect(contains('raw', '^1.2.0', '1.9', true)).toBe(true)
    expect(contains('raw', '^1.2.0', '2.0.0', true)).toBe(false)
  })
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Truth } from '../../../src/policy/query/truth.ts'
import { compileVersionTerm } from '../../../src/policy/query/version-term.ts'
import type { Format } from '../../../src/policy/types.ts'
import { debOrder } from '../../../src/policy/versions/deb.ts'
import { rpmOrder } from '../../../src/policy/versions/rpm.ts'
import { compareTexts, generateVersions, semanticVersions } from '../versions/generated.ts'

function judge(value: string, format: Format, version: string): Truth {
  const term = compileVersionTerm(value)
  if (typeof term === 'string') throw new Error(term)
  return term({ format, version })
}

describe('a comparison', () => {
  test.each<[string, Format, string, Truth]>([
    ['>1.0', 'deb', '1.0-1', true],
    ['>1.0', 'deb', '1.0~rc1', false],
    ['>1.0', 'deb', '1:0.9', false],
    ['>=1.10', 'deb', '1.9', false],
    ['<1.10', 'deb', '1.9', true],
    ['<=2', 'rpm', '2-1.el9', true],
    ['<2', 'rpm', '2-1.el9', false],
    ['=1.0', 'rpm', '1.0-5', true],
    ['=1.0', 'deb', '1.0-5', false],
    ['>1.0^git1', 'rpm', '1.0^git2', true],
    ['>=1.2.3', 'npm', '1.10.0', true],
    ['>=1', 'npm', '1.0.0', true],
    ['=1.2', 'npm', '1.2.9', true],
    ['<2.0.0', 'npm', '2.0.0-rc.1', undefined],
    ['>=1.0.0', 'npm', '2.0.0-rc.1', undefined],
    ['>=2.0.0', 'npm', '1.0.0-rc.1', false],
    ['>=2.0.0-rc.1', 'npm', '2.0.0-rc.2', true],
    ['>=1.0~rc1', 'npm', '1.0.0', undefined],
    ['>=1.0~rc1', 'deb', '1.0', true],
    ['>1', 'deb', 'current', undefined],
    ['>1', 'deb', '', undefined],
    ['>1.0', 'raw', 'v1.1', true],
  ])('%s in %s: %j is %j', (value, format, version, expected) => {
    expect(judge(value, format, version)).toBe(expected)
  })

  test.each([
    ['deb', debOrder, generateVersions(debOrder, ['0', '1', '.', '-', '~', 'rc', '+'])],
    ['rpm', rpmOrder, generateVersions(rpmOrder, ['0', '1', '.', '~', 'rc', '^'])],
  ] as const)('follows the order of %s', (format, order, versions) => {
    const property = fc.property(versions, versions, (version, bound) => {
      const sign = compareTexts<never>(order as never, version, bound)
      const found = ['<', '<=', '=', '>=', '>'].map((operator) => judge(operator + bound, format, version))
      expect(found).toEqual([sign < 0, sign <= 0, sign === 0, sign >= 0, sign > 0])
    })
    fc.assert(property, { numRuns: 500 })
  })
})

describe('~=', () => {
  test.each<[string, Format, string, Truth]>([
    ['~=1.0', 'deb', '1.0', true],
    ['~=1.0', 'deb', '0.9', false],
    ['~=1.0', 'deb', '1.9.9-3', true],
    ['~=1.0', 'deb', '2.0', false],
    ['~=1.0', 'deb', '2.0~rc1', false],
    ['~=1.0', 'deb', '2~rc1-1', false],
    ['~=1.1.0', 'deb', '1.1.9', true],
    ['~=1.1.0', 'deb', '1.2.0', false],
    ['~=1.9', 'rpm', '1.10-1', true],
    ['~=1.9', 'rpm', '2-1', false],
    ['~=1.9', 'rpm', '2~beta-1', false],
    ['~=1.1.0', 'npm', '1.1.5', true],
    ['~=1.4', 'python', '1.9', true],
    ['~=1.4', 'python', '2.0rc1', false],
    ['~=1.4', 'python', '2.0.dev1', false],
    ['~=1.4', 'maven', '1.9.Final', true],
    ['~=1.4', 'maven', '2.0-alpha-1', false],
    ['~=1.4', 'maven', '2-alpha-SNAPSHOT', false],
    ['~=1.4.0', 'go', 'v1.4.9', true],
    ['~=1.4.0', 'go', 'v1.5.0-rc.1', false],
    ['~=1.4', 'alpine', '1.9-r3', true],
    ['~=1.4', 'alpine', '2_alpha-r0', false],
    ['~=1.4', 'alpine', '2.0_rc1-r0', false],
    ['~=1.1.0', 'npm', '1.2.0', false],
    ['~=1.1.0', 'npm', '1.2.0-rc.1', false],
    ['~=1.0', 'npm', '1.9.0', true],
    ['~=1.0', 'npm', '2.0.0-rc.1', false],
    ['~=1.0', 'npm', '1.5.0-rc.1', undefined],
    ['~=0.9', 'deb', '0.12', true],
    ['~=1.2.3.4', 'deb', '1.2.3.9', true],
    ['~=1.2.3.4', 'npm', '1.2.3', undefined],
    ['~=1.99999999999999999999.0', 'deb', '1.99999999999999999999.5', true],
    ['~=1.99999999999999999999.0', 'deb', '1.100000000000000000000', false],
  ])('%s in %s: %j is %j', (value, format, version, expected) => {
    expect(judge(value, format, version)).toBe(expected)
  })

  test('of semantic versions is what npm calls tilde', () => {
    const property = fc.property(
      semanticVersions,
      fc.tuple(fc.nat(5), fc.nat(5), fc.nat(5)),
      (version, [a, b, c]) => {
        const found = judge(`~=${a}.${b}.${c}`, 'npm', version)
        fc.pre(found !== undefined)
        const isTilde = judge(`>=${a}.${b}.${c}`, 'npm', version) === true && version.startsWith(`${a}.${b}.`)
        expect(found).toBe(isTilde)
      },
    )
    fc.assert(property, { numRuns: 1000 })
  })
})

describe('a version alone', () => {
  test.each<[string, Format, string, Truth]>([
    ['1.1.0', 'npm', '1.1.0', true],
    ['1.1.0', 'npm', '1.1.0+build.5', true],
    ['1.1.0', 'npm', '2.0.0', false],
    ['1.1.0', 'npm', '11.1.0', undefined],
    ['1.1.0', 'npm', '1.1.0-rc.1', undefined],
    ['1.1.0', 'deb', '1.1.0-1', undefined],
    ['1.1.0', 'deb', '1.1.0.5', undefined],
    ['1.1.0', 'deb', '1.2.0', false],
    ['1.1.0', 'rpm', '1.1.0-1.el9', true],
    ['1.', 'deb', '1.1.0', undefined],
    ['1', 'deb', '1', true],
    ['1', 'deb', '2', false],
    ['1.0', 'raw', '1.0', true],
    ['2024-01', 'raw', 'nightly', undefined],
  ])('%s in %s: equal and contained, %j is %j', (value, format, version, expected) => {
    expect(judge(value, format, version)).toBe(expected)
  })
})

describe('a pattern', () => {
  test.each<[string, Format, string, Truth]>([
    ['^1.1.0$', 'npm', '1.1.0', true],
    ['^1.1.0$', 'npm', '1.1.0-rc.1', false],
    ['^1.1.', 'deb', '1.1.9-1', true],
    ['^1.1.', 'deb', '11.1.9', false],
    ['1.1.0*post1', 'deb', '1.1.0.post1', true],
    ['*1.1*', 'deb', '11.1', true],
    ['el9$', 'rpm', '1.0-1.el9', true],
    ['RC', 'npm', '1.0.0-rc.1', true],
    ['9$', 'deb', '1.9', true],
    ['^current$', 'deb', 'current', true],
  ])('%s in %s: %j is %j', (value, format, version, expected) => {
    expect(judge(value, format, version)).toBe(expected)
  })
})

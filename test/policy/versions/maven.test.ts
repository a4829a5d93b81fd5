import { describe, expect, test } from 'vitest'
import { mavenOrder } from '../../../src/policy/versions/maven.ts'
import { compareTexts, findDisorder, generateVersions } from './generated.ts'

const PIECES = '0|1|10|.|.|-|a|b1|alpha|beta|m2|rc|cr|ga|final|SNAPSHOT|sp|foo|.Final-redhat-1'.split('|')

describe('the order of Maven', () => {
  test('is total', () => {
    expect(findDisorder(mavenOrder, generateVersions(mavenOrder, PIECES))).toBeNull()
  })

  test.each([
    ['1-alpha-1', '1-alpha-2', -1],
    ['1-alpha-10', '1-beta-1', -1],
    ['1-beta', '1-milestone', -1],
    ['1-m2', '1-rc1', -1],
    ['1-rc2', '1-SNAPSHOT', -1],
    ['1-snapshot', '1', -1],
    ['1', '1-sp', -1],
    ['1-sp', '1-abc', -1],
    ['1-abc', '1-def', -1],
    ['1-pom-1', '1-1', -1],
    ['1-1-snapshot', '1-1', -1],
    ['1-1', '1-2', -1],
    ['1', '1.1', -1],
    ['1.9', '1.10', -1],
    ['1-foo2', '1-foo10', -1],
    ['1.foo', '1-foo', 0],
    ['1-foo', '1-1', -1],
    ['1-1', '1.1', -1],
    ['1.0.RC2', '1.0-RC3', -1],
    ['1.0-RC3', '1.0.1', -1],
    ['1-sp-1', '1-ga-1', -1],
    ['1-a1', '1-alpha-1', 0],
    ['1-b2', '1beta2', 0],
    ['1-cr1', '1-rc1', 0],
    ['1-a', '1-alpha', 1],
    ['1.0.0', '1', 0],
    ['1.ga', '1', 0],
    ['1-FINAL', '1.0', 0],
    ['1.RELEASE', '1.0.0-0.0.0', 0],
    ['1.', '1-', 0],
    ['1..1', '1.0.1', 0],
    ['1.0.0-foo.0.0', '1-foo', 0],
    ['0.1', '0-1', 1],
    ['1', '0-1', 1],
    ['1.0.Final-redhat-1', '1.0', 1],
    ['1.0.Final-redhat-2', '1-redhat-10', -1],
    ['31.1-jre', '31.1-android', 1],
    ['20260101', '20251231.99', 1],
    ['1.99999999999999999999', '1.99999999999999999998', 1],
  ])('%s against %s gives %i', (a, b, sign) => {
    expect(compareTexts(mavenOrder, a, b)).toBe(sign)
  })

  test.each(['', '-1', '.1', '1 2', '1/2', '[1,2)', '1~', '1.Final.2', '1-ga.1'])(
    'does not know %j',
    (text) => {
      expect(mavenOrder.parse(text)).toBeUndefined()
    },
  )

  test('is globbed as text', () => {
    const version = mavenOrder.parse('31.1-jre')
    expect(version && mavenOrder.glob('*-jre')(version)).toBe(true)
    expect(version && mavenOrder.glob('31')(version)).toBe(false)
  })
})

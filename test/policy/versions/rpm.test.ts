import { describe, expect, test } from 'vitest'
import { rpmOrder } from '../../../src/policy/versions/rpm.ts'
import { runOrFail } from '../../support/processes.ts'
import { compareTexts, findDisorder, generateVersions, samplePairs } from './generated.ts'

const pieces = ['0', '1', '9', '00', 'a', 'rc', 'Z', '~', '^', '.', '_', '+']
const versions = generateVersions(rpmOrder, pieces)
const full = generateVersions(rpmOrder, [...pieces, '-1', '-2.el9'])

/** Asks rpm's own function, in one run of rpm. */
async function compareWithRpm(pairs: readonly (readonly [string, string])[]): Promise<number[]> {
  const script = pairs.map(([a, b]) => `print(rpm.vercmp("${a}", "${b}"))`).join(' ')
  const printed = await runOrFail('rpm', ['--eval', `%{lua: ${script} }`])
  return printed.match(/-?[01]/g)?.map(Number) ?? []
}

describe('the order of RPM versions', () => {
  test('is total among versions without a release', () => {
    expect(findDisorder(rpmOrder, versions)).toBeNull()
  })

  test('is total among versions with a release', () => {
    expect(
      findDisorder(
        rpmOrder,
        versions.map((version) => `${version}-1`),
      ),
    ).toBeNull()
  })

  test('is that of rpm', async () => {
    const alike = samplePairs(full, 400).filter(([a, b]) => a.includes('-') === b.includes('-'))
    const theirs = await compareWithRpm(alike)
    expect(alike.length).toBeGreaterThan(150)
    expect(alike.map(([a, b]) => [a, b, compareTexts(rpmOrder, a, b)])).toEqual(
      alike.map(([a, b], i) => [a, b, theirs[i]]),
    )
  })

  test.each([
    ['1.0~rc1', '1.0', -1],
    ['1.0^git1', '1.0', 1],
    ['1.0^git1', '1.0.1', -1],
    ['1.0~rc1^git1', '1.0~rc1', 1],
    ['1.0', '1.0a', -1],
    ['1.a', '1.1', -1],
    ['1.0.', '1.0', 0],
    ['1_0', '1.0', 0],
    ['1.0-9', '1.0-10', -1],
    ['1.0-1.el8', '1.0-1.el9', -1],
  ])('%s against %s gives %i', (a, b, sign) => {
    expect(compareTexts(rpmOrder, a, b)).toBe(sign)
  })

  test('compares the version only with a bound that has no release', () => {
    expect(compareTexts(rpmOrder, '1.0-7', '1.0')).toBe(0)
    expect(compareTexts(rpmOrder, '1.0.1-7', '1.0')).toBe(1)
  })

  test('puts a version without a release below every bound that has one', () => {
    expect(compareTexts(rpmOrder, '1.0', '1.0-0')).toBe(-1)
  })

  test('has versions that begin with a letter', () => {
    expect(compareTexts(rpmOrder, 'svn15878.0-1', 'svn15900-1')).toBe(-1)
  })

  test('leaves epochs out on both sides', () => {
    expect(compareTexts(rpmOrder, '3:1.0-1', '2.0-1')).toBe(-1)
  })

  test.each([
    '',
    '-',
    '1.0-',
    '-1',
    '1-2-3',
    '~1',
    '.1',
    '1:2:3',
    '1.0 ',
    '1/2',
    '1%7e',
    'latest',
    '1.0-latest',
    'agent-1',
  ])('%j is no version', (text) => {
    expect(rpmOrder.parse(text)).toBeUndefined()
  })
})

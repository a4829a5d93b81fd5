import { describe, expect, test } from 'vitest'
import { archOrder } from '../../../src/policy/versions/arch.ts'
import { versionRange } from '../../../src/policy/versions/versions.ts'
import { runOrFail } from '../../support/processes.ts'
import { compareTexts, findDisorder, generateVersions, samplePairs } from './generated.ts'

const VERSIONS = generateVersions(archOrder, '0|1|10|05|.|..|_|+|a|rc|Z|alpha|.beta2|:|-1|-2.1'.split('|'))
/** pacman's own library; Debian has no vercmp. */
const COMPARE = `import ctypes, ctypes.util, json, sys
alpm = ctypes.CDLL(ctypes.util.find_library('alpm'))
print(json.dumps([alpm.alpm_pkg_vercmp(a.encode(), b.encode()) for a, b in json.loads(sys.argv[1])]))`

describe('the order of pacman', () => {
  test('is total among whole versions', () => {
    const whole = VERSIONS.filter((text) => archOrder.parse(text)?.release !== undefined)
    expect(findDisorder(archOrder, whole)).toBeNull()
  })

  test('is that of pacman itself, but for releases on one side only', async () => {
    const pairs = samplePairs(VERSIONS, 4000).filter(([a, b]) => a.includes('-') === b.includes('-'))
    expect(pairs.length).toBeGreaterThan(1000)
    const output = await runOrFail('/usr/bin/python3', ['-c', COMPARE, JSON.stringify(pairs)])
    const signs = (JSON.parse(output) as number[]).map(Math.sign)
    const wrong = pairs.filter(([a, b], index) => compareTexts(archOrder, a, b) !== signs[index])
    expect(wrong.slice(0, 5)).toEqual([])
  })

  test.each([
    ['1.0a', '1.0', -1],
    ['1.0rc1', '1.0', -1],
    ['1.0', '1.0.a', -1],
    ['1.0.a', '1.0.1', -1],
    ['1.0-1', '1.0-1.1', -1],
    ['1.0-2', '1.0', 0],
    ['2.0-1', '1:1.0-1', -1],
    ['0:1.0-1', '1.0-1', 0],
  ])('%s and %s: %i', (a, b, expected) => {
    expect(compareTexts(archOrder, a, b)).toBe(expected)
  })
})

test.each([
  ['<2', '2.0-1', false],
  ['<2', '1:1.0-1', false],
  ['<1:2', '1:1.0-1', true],
  ['1.*', '1:1.2-3', true],
  ['1:1.*', '1:1.2-3', true],
  ['1.2-*', '1.2-3', true],
  ['=1.2', '1.2-3', true],
  ['=1.2-4', '1.2-3', false],
])('%j for %s: %j', (range, version, expected) => {
  const compiled = versionRange('arch', range)
  expect(typeof compiled === 'function' && compiled(version)).toBe(expected)
})

import { describe, expect, test } from 'vitest'
import { rubyOrder } from '../../../src/policy/versions/ruby.ts'
import { versionRange } from '../../../src/policy/versions/versions.ts'
import { runOrFail } from '../../support/processes.ts'
import { compareTexts, findDisorder, generateVersions, samplePairs } from './generated.ts'

const VERSIONS = generateVersions(rubyOrder, '0|1|10|05|.|.|.|a|rc|A|pre|beta2|-'.split('|'))
const COMPARE = `require 'json'
puts JSON.dump(JSON.parse(ARGV[0]).map { |a, b| Gem::Version.new(a) <=> Gem::Version.new(b) })`

describe('the order of gems', () => {
  test('is total', () => {
    expect(findDisorder(rubyOrder, VERSIONS)).toBeNull()
  })

  test('is that of RubyGems', async () => {
    const pairs = samplePairs(VERSIONS, 2000)
    const signs = JSON.parse(await runOrFail('ruby', ['-e', COMPARE, JSON.stringify(pairs)])) as number[]
    const wrong = pairs.filter(([a, b], index) => compareTexts(rubyOrder, a, b) !== signs[index])
    expect(wrong.slice(0, 5)).toEqual([])
  })

  test.each([
    ['1.2', '1.10', -1],
    ['1.2', '1.2.0', 0],
    ['1.2.a', '1.2', -1],
    ['1.2.rc1', '1.2.rc10', -1],
    ['1.0.0.a', '1.0.a', 0],
    ['1.0.pre.1', '1.0-1', 0],
    ['1.0.A', '1.0.a', -1],
    ['99999999999999999999', '100000000000000000000', -1],
  ])('%s and %s: %i', (a, b, expected) => {
    expect(compareTexts(rubyOrder, a, b)).toBe(expected)
  })
})

test.each([
  ['<2', '2.0.0.rc1', true],
  ['>=2', '2.0.0.rc1', false],
  ['1.2.*', '1.2.3.beta', true],
])('%j for %s: %j', (range, version, expected) => {
  const compiled = versionRange('ruby', range)
  expect(typeof compiled === 'function' && compiled(version)).toBe(expected)
})

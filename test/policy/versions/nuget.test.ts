import { describe, expect, test } from 'vitest'
import { nugetOrder } from '../../../src/policy/versions/nuget.ts'
import { versionRange } from '../../../src/policy/versions/versions.ts'
import { compareTexts, findDisorder, generateVersions } from './generated.ts'

describe('the order of NuGet', () => {
  test('is total', () => {
    const pieces = '1|0|.|.0|-|-rc|RC|.2|-a.b|-alpha10|+x'.split('|')
    expect(findDisorder(nugetOrder, generateVersions(nugetOrder, pieces))).toBeNull()
  })

  test.each([
    ['1.9.0', '1.10.0', -1],
    ['1.0', '1.0.0.0', 0],
    ['1.0.0', '1.0.0.1', -1],
    ['1.01', '1.1.0', 0],
    ['1.0.0-Beta', '1.0.0-beta', 0],
    ['1.0.0-beta', '1.0.0', -1],
    ['1.0.0-beta.2', '1.0.0-beta.10', -1],
    ['1.0.0-beta2', '1.0.0-beta10', 1],
    ['1.0.0-beta', '1.0.0-beta.1', -1],
    ['1.0.0-1', '1.0.0-alpha', -1],
    ['1.0.0+a', '1.0.0+b', 0],
    ['1.0.0.1-a', '1.0.0', 1],
  ])('%s and %s: %i', (a, b, expected) => {
    expect(Math.sign(compareTexts(nugetOrder, a, b))).toBe(expected)
  })
})

test.each([
  ['1.0', '1.0.0'],
  ['1.00.0.0', '1.0.0'],
  ['1.2.3.4', '1.2.3.4'],
  ['1', '1.0.0'],
  ['1.0.0-RC.1+abc', '1.0.0-rc.1'],
  ['1.2.3.4.5', undefined],
  ['v1.0', undefined],
  ['1.0-', undefined],
  ['1.0.', undefined],
  ['1.0-a..b', undefined],
  ['', undefined],
])('%j is normalized to %j', (text, expected) => {
  expect(nugetOrder.parse(text)?.text).toBe(expected)
})

test.each([
  ['1.*', '1.9.0', true],
  ['1.0.0-RC*', '1.0.0-rc.1', true],
  ['>=1 <2', '1.5.0-beta', true],
  ['<2.0', '2.0.0-beta', true],
  ['<2.0', '2.0.0.0', false],
])('%j for %s: %j', (range, version, expected) => {
  const compiled = versionRange('nuget', range)
  expect(typeof compiled === 'function' && compiled(version)).toBe(expected)
})

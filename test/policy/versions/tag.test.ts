import { describe, expect, test } from 'vitest'
import { versionRange } from '../../../src/policy/versions/versions.ts'

function contains(range: string, tag: string, inDoubt = false): boolean {
  const compiled = versionRange('docker', range, inDoubt)
  if (typeof compiled !== 'function') throw new Error(compiled.problem)
  return compiled(tag)
}

describe('a range of tags', () => {
  test.each([
    ['latest', 'latest', true],
    ['latest', 'latest-1', false],
    ['=latest', 'latest', true],
    ['stable-*', 'stable-2026', true],
    ['stable-*', 'latest', false],
    ['latest || 1.*', '1.4', true],
    ['latest || 1.*', '2.0', false],
    ['*-alpine', '1.25-alpine', true],
    ['*', 'latest', true],
    ['1.25', '1.25', true],
    ['1.25', 'v1.25', true],
    ['1.25', '1.25.1', false],
    ['>=1.10', '1.9', false],
    ['>=1.9 <2', 'v1.10', true],
    ['^1.2.0', '1.4.1', true],
    ['^1.2.0', '2.0.0', false],
  ])('%j for %s: %j, in doubt or not', (range, tag, expected) => {
    expect(contains(range, tag)).toBe(expected)
    expect(contains(range, tag, true)).toBe(expected)
  })

  test.each(['>=2', '<2', '^2.0.0', '>=1 <3'])('%j can not tell about a tag that is no version', (range) => {
    expect(contains(range, 'latest')).toBe(false)
    expect(contains(range, 'latest', true)).toBe(true)
  })

  test('refuses to compare with what has no order', () => {
    expect(versionRange('docker', '>=latest')).toMatchObject({ problem: expect.stringContaining('"latest"') })
    expect(versionRange('docker', 'latest >=2')).toMatchObject({
      problem: expect.stringContaining('"latest"'),
    })
  })
})

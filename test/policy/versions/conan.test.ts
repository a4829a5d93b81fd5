import { expect, test } from 'vitest'
import { conanOrder } from '../../../src/policy/versions/conan.ts'
import { versionRange } from '../../../src/policy/versions/versions.ts'
import { compareTexts } from './generated.ts'

test.each([
  ['1.2', '1.10', -1],
  ['1.2', '1.2.0', 0],
  ['1.2', '1.2.0.0', 0],
  ['1.2-rc.1', '1.2', -1],
  ['1.2.0-rc.1', '1.2', -1],
  ['1.2-rc.9', '1.2-rc.10', -1],
  ['1.2-alpha', '1.2-beta', -1],
  ['1.2-rc-1', '1.2-rc', -1],
  ['1.2', '1.2+1', -1],
  ['1.2+1', '1.2+10', -1],
  ['1.2-rc+9', '1.2+1', -1],
  ['1.1.1v', '1.1.1w', -1],
  ['1.1.1', '1.1.1w', -1],
  ['1.2', '1.2.a', -1],
  ['9', '10', -1],
])('Conan orders %s and %s: %i', (a, b, expected) => {
  expect(compareTexts(conanOrder, a, b)).toBe(expected)
  expect(compareTexts(conanOrder, b, a)).toBe(expected === 0 ? 0 : -expected)
})

test.each(['system', 'cci.20260101', 'latest', '', '1:0', '1.0-', '1.0+', '1.0+a+b'])(
  'nobody can tell the place of %j',
  (text) => {
    expect(conanOrder.parse(text)).toBeUndefined()
  },
)

test.each([
  ['<2', '2.0-rc.1', true],
  ['>=2', '2.0-rc.1', false],
  ['<2', 'cci.20260101', false],
  ['1.1.*', '1.1.1w', true],
])('%j for %s: %j', (range, version, expected) => {
  const compiled = versionRange('conan', range)
  expect(typeof compiled === 'function' && compiled(version)).toBe(expected)
})

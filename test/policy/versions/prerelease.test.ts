import { expect, test } from 'vitest'
import { FORMAT_POLICIES } from '../../../src/policy/formats.ts'
import type { Format } from '../../../src/policy/types.ts'

test.each<[Format, string, boolean | undefined]>([
  ['npm', '1.0.0', false],
  ['npm', '1.0.0+build', false],
  ['npm', '1.0.0-rc.1', true],
  ['npm', '1.0.0-0', true],
  ['npm', '1.0', undefined],
  ['raw', '1.0.0-beta', true],
  ['raw', 'v1.0', undefined],
  ['deb', '7.88.1-10', false],
  ['deb', '1.1.1n-0+deb11u5', false],
  ['deb', '2.0~rc1-1', true],
  ['deb', '2.0~Beta2', true],
  ['deb', '1:2.0~alpha', true],
  ['deb', '2.0~dfsg-1', undefined],
  ['deb', '1.0-1~bpo12+1', undefined],
  ['deb', '2.0rc1', undefined],
  ['deb', '2.0b2-1', undefined],
  ['deb', '2.0+git20260101', undefined],
  ['deb', 'current', undefined],
  ['rpm', '1.0-1.el9', false],
  ['rpm', '1.0~rc1-1.el9', true],
  ['rpm', '1.0-0.1.rc1.el9', undefined],
  ['rpm', '1.0-0.3.el9', undefined],
  ['rpm', '1.0-0', undefined],
  ['rpm', '1.0', false],
  ['rpm', '1-2-3', undefined],
])('a prerelease of %s: %s is told: %j', (format, version, expected) => {
  expect(FORMAT_POLICIES[format].versions.isPrerelease(version)).toBe(expected)
})

import { expect, test } from 'vitest'
import { findSetupPage } from '../../src/request/setup-page.ts'
import { FORMATS } from '../../src/policy/formats.ts'

const PAGES = [
  ['deb', 'setup.deb.sh', { kind: 'script', format: 'deb' }],
  ['deb', 'cfg/setup/bash.deb.sh', { kind: 'script', format: 'deb' }],
  ['rpm', 'config.rpm.txt', { kind: 'config', format: 'rpm' }],
  ['rpm', 'cfg/setup/config.rpm.txt', { kind: 'config', format: 'rpm' }],
  ['rpm', 'gpg.key', { kind: 'key', format: 'rpm' }],
  ['deb', 'cfg/gpg/gpg.0123456789abcdef.key', { kind: 'key', format: 'deb', keyId: '0123456789ABCDEF' }],
  ['alpine', 'rsa.key', { kind: 'key', format: 'alpine' }],
  [
    'alpine',
    'cfg/rsa/rsa.0123456789ABCDEF.key',
    { kind: 'key', format: 'alpine', keyId: '0123456789ABCDEF' },
  ],
] as const

test.each(PAGES)('in a repository of %s, %s is a page of the gate', (format, path, page) => {
  expect(findSetupPage(format, path)).toEqual(page)
})

test('pages are of one format each, in one spelling, and nowhere but at their place', () => {
  const others = [
    'setup.deb.sh/',
    'pool/setup.deb.sh',
    'Setup.deb.sh',
    'setup.sh',
    'gpg.key.asc',
    'gpg.0123.key',
    '',
  ]
  for (const path of others) expect(findSetupPage('deb', path)).toBeUndefined()
  expect(findSetupPage('deb', 'setup.rpm.sh')).toBeUndefined()
  expect(findSetupPage('deb', 'rsa.key')).toBeUndefined()
  expect(findSetupPage('alpine', 'gpg.key')).toBeUndefined()
  const set = FORMATS.filter((format) => findSetupPage(format, `setup.${format}.sh`) !== undefined)
  expect(set).toEqual(['deb', 'rpm', 'alpine'])
})

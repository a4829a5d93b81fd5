import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderKey } from '../../src/admin/key-output.ts'
import { generateKey } from '../../src/policy/secret.ts'
import { newKey } from '../store/conformance/fixtures.ts'
import { KEYS_DOCUMENT, renderKeysDocument } from './keys-document.ts'

const DOCUMENT = readFileSync(KEYS_DOCUMENT, 'utf8')

test('docs/keys.md says what roles may do and requests need as the code does (npm run docs writes it)', () => {
  expect(DOCUMENT).toBe(renderKeysDocument())
})

test('docs/keys.md has one row for every field of a key, and none for what is no field', () => {
  const named = [...DOCUMENT.matchAll(/^\| `([a-z_]+)` +\|/gm)].map(([, name]) => name)
  expect(named.toSorted()).toEqual(Object.keys(renderKey(newKey(), { base: '', now: 0 })).toSorted())
})

test('docs/keys.md shows scanners an expression that finds keys', () => {
  const [, expression = ''] = /\(`(.*pmk.*)`\)/.exec(DOCUMENT) ?? []
  expect(`x=${generateKey(() => 5)};`).toMatch(new RegExp(expression))
  expect('a pmk is not a key').not.toMatch(new RegExp(expression))
})

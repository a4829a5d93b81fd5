import { expect, test } from 'vitest'
import { isNear, WHOLE_OWNER } from '../../src/policy/owner-level.ts'

const place = (text: string): { readonly owner: string; readonly repo: string } => {
  const [owner = '', repo = ''] = text.split('/')
  return { owner, repo }
}

test.each([
  ['acme/deb', 'acme/deb', true],
  ['acme/deb', 'acme/rpm', false],
  ['acme/deb', `acme/${WHOLE_OWNER}`, true],
  [`acme/${WHOLE_OWNER}`, `acme/${WHOLE_OWNER}`, true],
  [`acme/${WHOLE_OWNER}`, `other/${WHOLE_OWNER}`, false],
  ['acme/deb', 'other/deb', false],
])('tokens of %s and %s may not share a secret: %s', (one, other, expected) => {
  expect([isNear(place(one), place(other)), isNear(place(other), place(one))]).toEqual([expected, expected])
})

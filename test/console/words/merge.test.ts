import { expect, test } from 'vitest'
import { draftOf } from '../../../src/console/pages/token-form/draft.ts'
import { FIELDS } from '../../../src/console/pages/token-form/fields.ts'
import { mergeDrafts, rivalsOf } from '../../../src/console/words/merge.ts'
import { tokenWith } from './token.ts'

const before = draftOf(tokenWith({ name: 'Old', limit_num_downloads: 1, limit_num_clients: 1 }))
const mine = { ...before, name: 'Mine', limit_rate: '5' }
const theirs = draftOf(tokenWith({ name: 'Theirs', limit_num_downloads: 2, limit_num_clients: 1 }))

test('names what somebody else changed, and what both did', () => {
  const rivals = rivalsOf(FIELDS, { before, mine, theirs })
  expect(rivals.map((rival) => [rival.field.name, rival.theirs, rival.isDisputed])).toEqual([
    ['name', 'Theirs', true],
    ['limit_num_downloads', '2', false],
  ])
})

test('takes over what only they changed, and of what both did what is preferred', () => {
  const kept = mergeDrafts(FIELDS, { before, mine, theirs }, { preferTheirs: false })
  expect(kept).toMatchObject({ name: 'Mine', limit_num_downloads: '2', limit_rate: '5' })
  const taken = mergeDrafts(FIELDS, { before, mine, theirs }, { preferTheirs: true })
  expect(taken).toMatchObject({ name: 'Theirs', limit_num_downloads: '2', limit_rate: '5' })
})

test('two who typed the same have no dispute', () => {
  const same = { ...before, name: 'Theirs' }
  expect(rivalsOf(FIELDS, { before, mine: same, theirs }).some(({ isDisputed }) => isDisputed)).toBe(false)
})

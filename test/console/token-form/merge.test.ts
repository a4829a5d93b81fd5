import { expect, test } from 'vitest'
import { draftOf } from '../../../src/console/pages/token-form/draft.ts'
import { mergeDrafts, rivalsOf } from '../../../src/console/pages/token-form/merge.ts'
import { tokenWith } from '../words/token.ts'

const before = draftOf(tokenWith({ name: 'Old', limit_num_downloads: 1, limit_num_clients: 1 }))
const mine = { ...before, name: 'Mine', limit_rate: '5' }
const now = tokenWith({ name: 'Theirs', limit_num_downloads: 2, limit_num_clients: 1 })

test('names what somebody else changed, and what both did', () => {
  const rivals = rivalsOf(before, mine, now)
  expect(rivals.map(({ field, theirs, isDisputed }) => [field.name, theirs, isDisputed])).toEqual([
    ['name', 'Theirs', true],
    ['limit_num_downloads', '2', false],
  ])
})

test('takes over what only they changed, and of what both did what is preferred', () => {
  const kept = mergeDrafts(before, mine, now, { preferTheirs: false })
  expect(kept).toMatchObject({ name: 'Mine', limit_num_downloads: '2', limit_rate: '5' })
  const taken = mergeDrafts(before, mine, now, { preferTheirs: true })
  expect(taken).toMatchObject({ name: 'Theirs', limit_num_downloads: '2', limit_rate: '5' })
})

test('two who typed the same have no dispute', () => {
  const same = { ...before, name: 'Theirs' }
  expect(rivalsOf(before, same, now).some(({ isDisputed }) => isDisputed)).toBe(false)
})

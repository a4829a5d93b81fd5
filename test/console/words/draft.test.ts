import { expect, test } from 'vitest'
import { changesIn, draftOf } from '../../../src/console/pages/token-edit/draft.ts'
import { tokenWith } from './token.ts'

const token = tokenWith({
  limit_date_range_to: '2030-12-31T23:59:59.999Z',
  limit_num_downloads: 10,
})

test('a form that nobody touched changes nothing, not even seconds that it does not show', () => {
  expect(draftOf(token)).toMatchObject({ until: '2030-12-31T23:59', downloads: '10', clients: '' })
  expect(changesIn(draftOf(token), token)).toEqual({})
})

test('only what was typed anew is sent; nothing is no limit', () => {
  const draft = { ...draftOf(token), until: '2031-01-01T00:00', downloads: ' ', clients: '5', name: 'B' }
  expect(changesIn(draft, token)).toEqual({
    name: 'B',
    limit_date_range_to: '2031-01-01T00:00:00Z',
    limit_num_downloads: null,
    limit_num_clients: 5,
  })
})

test('what is no number is for the API to refuse', () => {
  expect(changesIn({ ...draftOf(token), downloads: '1e3' }, token)).toEqual({ limit_num_downloads: '1e3' })
})

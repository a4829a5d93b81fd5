import { expect, test } from 'vitest'
import { changesIn, draftOf, NEW_TOKEN, type Draft } from '../../../src/console/pages/token-form/draft.ts'
import { tokenWith } from '../words/token.ts'

const token = tokenWith({
  limit_date_range_to: '2030-12-31T23:59:59.999Z',
  limit_num_downloads: 10,
  clients_window: 86_400,
  limit_networks: ['192.0.2.1', '2001:db8::/32'],
  metadata: { customer: 4711 },
})

function changes(part: Partial<Draft>): Readonly<Record<string, unknown>> {
  const before = draftOf(token)
  return changesIn({ ...before, ...part }, before)
}

test('a form that nobody touched changes nothing, not even seconds that it does not show', () => {
  expect(draftOf(token)).toMatchObject({
    limit_date_range_to: '2030-12-31T23:59',
    limit_num_downloads: '10',
    limit_num_clients: '',
    clients_window: '1d',
    limit_networks: '192.0.2.1\n2001:db8::/32',
    limit_packages: null,
    token: '',
  })
  expect(changes({})).toEqual({})
})

test('only what was typed anew is sent; nothing is no limit', () => {
  const typed = {
    name: 'B',
    limit_date_range_to: '2031-01-01T00:00',
    limit_num_downloads: ' ',
    limit_num_clients: '5',
    clients_window: '',
    limit_rate: '0.5',
    metadata: '',
  }
  expect(changes(typed)).toEqual({
    name: 'B',
    limit_date_range_to: '2031-01-01T00:00:00Z',
    limit_num_downloads: null,
    limit_num_clients: 5,
    clients_window: null,
    limit_rate: 0.5,
    metadata: null,
  })
})

test('an empty list is not the same as none', () => {
  expect(changes({ limit_networks: ' \n' })).toEqual({ limit_networks: [] })
  expect(changes({ limit_networks: null })).toEqual({ limit_networks: null })
  expect(changes({ limit_packages: ' a \n\nb@>=2 ' })).toEqual({ limit_packages: ['a', 'b@>=2'] })
})

test('what makes no sense is for the API to refuse', () => {
  expect(changes({ limit_num_downloads: '1e3', clients_window: 'soon', metadata: '{' })).toEqual({
    limit_num_downloads: '1e3',
    clients_window: 'soon',
    metadata: '{',
  })
})

test('a new token of which only the name is said leaves all else to the API', () => {
  const before = draftOf(NEW_TOKEN)
  expect(changesIn({ ...before, name: 'Example Ltd' }, before)).toEqual({ name: 'Example Ltd' })
})

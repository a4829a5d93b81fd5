import { expect, test } from 'vitest'
import { draftOf, NEW_TOKEN, type Draft } from '../../../src/console/pages/token-form/draft.ts'
import { problemsOf } from '../../../src/console/pages/token-form/problems.ts'

const problems = (part: Partial<Draft>) => problemsOf({ ...draftOf(NEW_TOKEN), name: 'Example', ...part })

test('finds nothing wrong with a name alone, nor with all that the documents show', () => {
  expect(problems({})).toEqual({})
  expect(
    problems({
      token: 'chosen-by-us',
      limit_date_range_from: '2030-01-01T00:00',
      limit_date_range_to: '2031-01-01T00:00',
      starts_on_first_download: 'true',
      limit_num_downloads: '0',
      clients_window: '30d',
      limit_bandwidth: '500',
      limit_bandwidth_unit: 'Gigabyte',
      limit_rate: '0.5',
      limit_packages: 'widget\nnpm:@acme/*@^2\n\n!widget-internal',
      limit_package_query: 'name:^widget AND NOT version:<3',
      limit_path_query: '^/tools/',
      repositories: 'acme/*',
      limit_networks: '203.0.113.0/24',
      metadata: '{"customer": 4711}',
    }),
  ).toEqual({})
})

test.each([
  [{ name: ' ' }, 'name', 'Give it a name.'],
  [{ token: 'short' }, 'token', '8 to 48'],
  [
    { limit_date_range_from: '2031-01-01T00:00', limit_date_range_to: '2030-01-01T00:00' },
    'limit_date_range_to',
    'after the beginning',
  ],
  [{ starts_on_first_download: 'true' }, 'starts_on_first_download', 'both dates'],
  [{ limit_num_downloads: '1,000' }, 'limit_num_downloads', 'whole number'],
  [{ limit_num_clients: '-1' }, 'limit_num_clients', 'whole number'],
  [{ limit_concurrency: '9'.repeat(17) }, 'limit_concurrency', 'whole number'],
  [{ clients_window: '0d' }, 'clients_window', 'ten years'],
  [{ clients_window: '1 month' }, 'clients_window', '30d'],
  [{ limit_bandwidth: '10', limit_bandwidth_unit: 'Exabyte' }, 'limit_bandwidth', '9 PB'],
  [{ limit_rate: '0' }, 'limit_rate', 'switch it off'],
  [{ limit_networks: '192.0.2.1\n\n300.0.0.1' }, 'limit_networks', 'Line 3: "300.0.0.1"'],
  [{ limit_packages: 'a\nb@>=2 <' }, 'limit_packages', 'Line 2:'],
  [{ limit_packages: '!a' }, 'limit_packages', 'nothing is allowed'],
  [{ repositories: 'acme' }, 'repositories', 'Line 1: "acme"'],
  [{ limit_package_query: 'name:a AND (' }, 'limit_package_query', 'Character 13:'],
  [{ limit_package_query: 'nmae:a' }, 'limit_package_query', 'did you mean name?'],
  [{ limit_path_query: 'name:a' }, 'limit_path_query', 'no fields'],
  [{ metadata: '[1]' }, 'metadata', 'JSON object'],
  [{ metadata: '{"a":1' }, 'metadata', 'no valid JSON'],
  [{ metadata: '{"a":1,"b":{"a":2},"a":3}' }, 'metadata', 'two entries with the name "a"'],
] as const)('says in words what is wrong with %j', (part, field, words) => {
  const found = problems(part)
  expect(Object.keys(found)).toEqual([field])
  expect(found[field]).toContain(words)
})

import { expect, test } from 'vitest'
import type { TokenJson } from '../../../src/console/api/types.ts'
import { describeState } from '../../../src/console/words/state.ts'
import { tokenWith } from './token.ts'

const NOW = Date.UTC(2030, 5, 15, 12)

test.each<[Partial<TokenJson>, string, string, string]>([
  [{}, 'good', 'Active', 'Works, without an end.'],
  [
    { is_active: false, limit_date_range_to: '2020-01-01T00:00:00Z' },
    'quiet',
    'Switched off',
    'Switched off: every download is refused until it is switched on again.',
  ],
  [
    { limit_date_range_to: '2030-06-01T00:00:00Z' },
    'bad',
    'Expired',
    'Expired on 1 June 2030, 00:00 UTC, 14 days ago. A later end lets it work again.',
  ],
  [
    { limit_date_range_from: '2030-07-01T00:00:00Z' },
    'quiet',
    'Not yet valid',
    'Works from 1 July 2030, 00:00 UTC on, in 15 days.',
  ],
  [
    { downloads: 10, limit_num_downloads: 10, next_reset_at: '2030-12-01T00:00:00Z' },
    'bad',
    'Used up',
    'Used up: 10 of 10 downloads, resets on 1 December 2030, 00:00 UTC.',
  ],
  [
    {
      downloads: 1,
      limit_num_downloads: 1,
      bandwidth: 2_000_000_000,
      limit_bandwidth: 2,
      limit_bandwidth_unit: 'Gigabyte',
    },
    'bad',
    'Used up',
    'Used up: 1 of 1 download and 2 GB of 2 GB, and no reset is scheduled.',
  ],
  [
    { limit_date_range_to: '2031-01-01T00:00:00Z' },
    'good',
    'Active',
    'Works until 1 January 2031, 00:00 UTC, in 6 months.',
  ],
  [
    { limit_date_range_to: '2030-06-18T00:00:00Z' },
    'warning',
    'Ends soon',
    'Works until 18 June 2030, 00:00 UTC, in 2 days.',
  ],
  [
    { clients: 5, limit_num_clients: 5 },
    'warning',
    'Clients full',
    'All places for clients are taken: 5 of 5. New addresses are refused, those known go on.',
  ],
  [
    { limit_networks: [] },
    'warning',
    'Opens nothing',
    'No address may use it: its list of networks is empty.',
  ],
  [{ limit_packages: [] }, 'warning', 'Opens nothing', 'It opens no package: its list of packages is empty.'],
  [
    {
      starts_on_first_download: true,
      limit_date_range_from: '2030-01-01T00:00:00Z',
      limit_date_range_to: '2030-02-01T00:00:00Z',
    },
    'good',
    'Active',
    'Works. Its time begins with the first download.',
  ],
  [
    {
      starts_on_first_download: true,
      limit_date_range_from: '2030-01-01T00:00:00Z',
      limit_date_range_to: '2030-02-01T00:00:00Z',
      first_download_at: '2030-05-01T00:00:00Z',
    },
    'bad',
    'Expired',
    'Expired on 1 June 2030, 00:00 UTC, 14 days ago. A later end lets it work again.',
  ],
])('%j is %s: %s', (given, tone, title, sentence) => {
  expect(describeState(tokenWith(given), NOW)).toMatchObject({ tone, title, sentence })
})

import { limitBytesOf } from '../../policy/bandwidth.ts'
import { stateOf } from '../../policy/search/facts.ts'
import type { TokenState } from '../../policy/search/filter.ts'
import type { Window } from '../../policy/types.ts'
import { windowOf } from '../../policy/window.ts'
import type { TokenJson } from '../api/types.ts'
import { instantOf } from './instants.ts'

/** A token's limit in bytes. null: it has none. */
export function limitBytes(token: TokenJson): number | null {
  return limitBytesOf({
    limitBandwidth: token.limit_bandwidth,
    limitBandwidthUnit: token.limit_bandwidth_unit,
  })
}

/** When a token works; epoch ms. */
export function tokenWindow(token: TokenJson): Window {
  return windowOf({
    validFrom: instantOf(token.limit_date_range_from),
    validUntil: instantOf(token.limit_date_range_to),
    startsOnFirstDownload: token.starts_on_first_download,
    firstDownloadAt: instantOf(token.first_download_at),
  })
}

/** The same word for it as searches know. */
export function tokenState(token: TokenJson, now: number): TokenState {
  const facts = {
    isActive: token.is_active,
    window: tokenWindow(token),
    limitDownloads: token.limit_num_downloads,
    limitBytes: limitBytes(token),
  }
  return stateOf(facts, { downloads: token.downloads, bytes: token.bandwidth }, now)
}

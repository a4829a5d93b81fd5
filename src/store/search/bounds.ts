import { StoreError, type TokenQuery } from '../contract.ts'
import type { SearchIndex } from './contract.ts'

/** How far a search goes. */
export interface SearchBounds {
  /** Of so many tokens it is quicker to look at each of them than to go along an order. */
  readonly candidates: number
  /**
   * What going along an order may cost while there is another way: to look at up to so many tokens. What is looked for may lie far behind, all
   * together, as names do that begin alike.
   */
  readonly patience: number
  readonly mostCandidates: number
  /** What a search may cost, a second or two; beyond that it is refused. */
  readonly cost: number
  /** When a page is full, it is worth so much more to know how many there are. */
  readonly counting: number
}

export const BOUNDS: SearchBounds = {
  candidates: 5_000,
  patience: 8_000,
  mostCandidates: 100_000,
  cost: 1_200_000,
  counting: 6_000,
}

/** A query on its way. */
export interface Search extends TokenQuery {
  readonly index: SearchIndex
  readonly bounds: SearchBounds
}

const TOO_BROAD =
  'This search would have to look at too many tokens. Narrow it: by more of the name, metadata, identifier, a range of created, expires, ' +
  'last_used or downloads, or sort by what you compare; or ask for an earlier page.'

export function tooBroad(): StoreError {
  return new StoreError('too_broad', TOO_BROAD)
}

import type { SearchSubject } from '../../policy/search/judge.ts'
import type { StoredToken } from '../contract.ts'
import type { Entry, SetName } from './sets.ts'

/** A part of an ordered set; both bounds belong to it. `text`: those with this value. */
export interface Part {
  readonly set: SetName
  readonly least?: number
  readonly most?: number
  readonly text?: string
}

/** What a search knows of a token before it asks for its metadata. */
export type Known = Pick<SearchSubject, 'facts' | 'usage'>

/** What a store lets a search read. No call keeps the event loop for more than some milliseconds. */
export interface SearchIndex {
  /** How many there are in each part. */
  readonly count: (parts: readonly Part[]) => Promise<readonly number[]>
  /** So many entries of a part from a position on, counted from 0 at the lowest or, `descending`, at the highest. */
  readonly read: (
    part: Part,
    position: number,
    size: number,
    descending: boolean,
  ) => Promise<readonly Entry[]>
  /** How many there are in a part, and the tokens of a stretch of it, as `read` has them: all of it as it is at one instant. */
  readonly page: (
    part: Part,
    position: number,
    size: number,
    descending: boolean,
  ) => Promise<{ readonly total: number; readonly tokens: readonly StoredToken[] }>
  /** What is known of each token; undefined: it is gone. */
  readonly facts: (ids: readonly string[]) => Promise<readonly (Known | undefined)[]>
  /** Which of the ids are in a set of texts with this value. */
  readonly holders: (set: SetName, value: string, ids: readonly string[]) => Promise<ReadonlySet<string>>
  readonly tokens: (ids: readonly string[]) => Promise<readonly (StoredToken | undefined)[]>
  /** The bits of slots, see slots.ts. */
  readonly bits: (slots: readonly number[]) => Promise<readonly Uint8Array[]>
  /** False while metadata that an earlier version stored may still lack its bits. */
  readonly knowsPairs: () => Promise<boolean>
  /** What is known of the tokens with these numbers. One that none has is passed over. */
  readonly factsOf: (numbers: readonly number[]) => Promise<readonly Known[]>
}

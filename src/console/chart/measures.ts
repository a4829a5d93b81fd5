import type { BucketJson } from '../api/types.ts'
import { count, size } from '../words/figures.ts'
import { sumRefusals } from '../words/refusals.ts'

/** Something that is counted by the hour or day. */
export interface Measure {
  readonly id: string
  readonly title: string
  /** What is said of one. */
  readonly singular: string
  readonly valueOf: (bucket: Omit<BucketJson, 'start'>) => number
  readonly show: (value: number) => string
}

export const MEASURES: readonly [Measure, ...Measure[]] = [
  {
    id: 'downloads',
    title: 'Downloads',
    singular: 'download',
    valueOf: ({ downloads }) => downloads,
    show: count,
  },
  {
    id: 'bandwidth',
    title: 'Bandwidth',
    singular: 'bandwidth',
    valueOf: ({ bandwidth }) => bandwidth,
    show: size,
  },
  { id: 'clients', title: 'Clients', singular: 'client', valueOf: ({ clients }) => clients, show: count },
  {
    id: 'refusals',
    title: 'Refusals',
    singular: 'refusal',
    valueOf: ({ refusals }) => sumRefusals(refusals),
    show: count,
  },
]

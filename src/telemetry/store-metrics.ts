import type { Registry } from 'prom-client'
import { createCounter, createGauge, type Aggregator } from './collected.ts'

/** What a process knows of its store, and what it keeps for it. */
export interface StoreFigures {
  readonly isUp: boolean
  /** What waits in the journal. */
  readonly entries: number
  readonly bytes: number
  /** Of the oldest that waits; 0: nothing does. */
  readonly oldestSeconds: number
  /** Entries of the journal that the store was told later. */
  readonly replayed: number
  /** Deliveries that were charged without the store, by repository. */
  readonly deliveries: ReadonlyMap<string, number>
}

const GAUGES: readonly (readonly [
  name: string,
  aggregator: Aggregator,
  help: string,
  read: (figures: StoreFigures) => number,
])[] = [
  [
    'store_up',
    'min',
    'Whether the store takes writes: 1, or 0 when a process sees that it does not.',
    (figures) => Number(figures.isUp),
  ],
  [
    'journal_entries',
    'sum',
    'Entries on disk that the store has still to be told.',
    ({ entries }) => entries,
  ],
  ['journal_bytes', 'sum', 'Bytes of them.', ({ bytes }) => bytes],
  ['journal_oldest_seconds', 'max', 'Age of the oldest of them.', ({ oldestSeconds }) => oldestSeconds],
]

/** Registers them; they are asked for when the registry is read. */
export function registerStore(registry: Registry, read: () => StoreFigures): void {
  for (const [name, aggregator, help, valueOf] of GAUGES) {
    createGauge(registry, name, help, () => valueOf(read()), aggregator)
  }
  const replayed = 'Entries of the journal that the store was told later.'
  createCounter(registry, 'journal_replayed_entries_total', replayed, [], (add) => add({}, read().replayed))
  const deliveries = 'Deliveries that were charged without the store, in the journal.'
  createCounter(registry, 'deliveries_without_store_total', deliveries, ['repository'], (add) => {
    for (const [repository, value] of read().deliveries) add({ repository }, value)
  })
}

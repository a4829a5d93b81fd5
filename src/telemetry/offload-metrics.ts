import type { Registry } from 'prom-client'
import { createCounter, createLabelledGauge } from './collected.ts'

/** Deliveries that others make, by the way in which they were handed over. */
export interface OffloadFigures {
  /** `proxy`: one in front sends the file. `link`: the storage does, by a link that the client was given. */
  readonly way: 'proxy' | 'link'
  /** That wait for what a log tells of their end; of a link all lines, until the time for them is over. */
  readonly pending: number
  /** A log told how they ended. */
  readonly settled: number
  /** No log did, in time: they were taken for made in full. */
  readonly givenUp: number
}

/** Registers them; they are asked for when the registry is read. Ways of which no log is read have none. */
export function registerOffloads(registry: Registry, figures: () => readonly OffloadFigures[]): void {
  const pending =
    'Deliveries handed over to a proxy, or by a link, that wait for what a log tells of their end.'
  createLabelledGauge(registry, 'offloads_pending', pending, ['way'], 'sum', (set) => {
    for (const { way, pending: value } of figures()) set({ way }, value)
  })
  const settled = 'Deliveries handed over and settled by what a log told of their end.'
  createCounter(registry, 'offloads_settled_total', settled, ['way'], (add) => {
    for (const { way, settled: value } of figures()) add({ way }, value)
  })
  const givenUp =
    'Deliveries handed over and taken for made in full, because no log told of their end in time.'
  createCounter(registry, 'offloads_given_up_total', givenUp, ['way'], (add) => {
    for (const { way, givenUp: value } of figures()) add({ way }, value)
  })
}

import type { Registry } from 'prom-client'
import { createCounter, createLabelledGauge } from './collected.ts'

/** What a process knows of one of several upstreams. `upstream` is its place in the configuration, from 1. */
interface UpstreamFigure {
  readonly repository: string
  readonly upstream: number
  readonly state: 'up' | 'down' | 'half_open'
}

export interface UpstreamFigures {
  readonly states: () => readonly UpstreamFigure[]
  /** Requests that were taken on to another, by repository and place. */
  readonly failovers: ReadonlyMap<string, ReadonlyMap<number, number>>
}

const STATES = ['up', 'half_open', 'down'] as const

/** Registers them; they are asked for when the registry is read. Upstreams have numbers, for their URLs may hold what nobody should read. */
export function registerUpstreams(registry: Registry, { states, failovers }: UpstreamFigures): void {
  const state =
    'Processes that see an upstream so, by its place in the list: up, half_open (being tried), down.'
  createLabelledGauge(
    registry,
    'upstream_state',
    state,
    ['repository', 'upstream', 'state'],
    'sum',
    (set) => {
      for (const { repository, upstream, state: current } of states()) {
        for (const each of STATES)
          set({ repository, upstream: String(upstream), state: each }, Number(each === current))
      }
    },
  )
  const taken = 'Requests that were taken on to another upstream, because this one did not answer them.'
  createCounter(registry, 'upstream_failovers_total', taken, ['repository', 'upstream'], (add) => {
    for (const [repository, upstreams] of failovers) {
      for (const [upstream, value] of upstreams) add({ repository, upstream: String(upstream) }, value)
    }
  })
}

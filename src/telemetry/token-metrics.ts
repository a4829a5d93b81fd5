import type { Registry } from 'prom-client'
import { createLabelledGauge } from './collected.ts'

/** How many tokens a repository has. */
export interface TokenFigures {
  readonly repository: string
  /** By their state: active, disabled, expired … */
  readonly states: Readonly<Record<string, number>>
  readonly expiring: number
  readonly nearlyUsedUp: number
}

/** Registers them; they are asked for when the registry is read. Never a series for a token: there may be any number of them. */
export function registerTokens(registry: Registry, read: () => readonly TokenFigures[]): void {
  const all = 'Tokens by state, as they were found at the last look at all of them, some minutes ago.'
  createLabelledGauge(registry, 'tokens', all, ['repository', 'state'], 'sum', (set) => {
    for (const { repository, states } of read()) {
      for (const [state, count] of Object.entries(states)) set({ repository, state }, count)
    }
  })
  const expiring = 'Active tokens that expire within seven days.'
  createLabelledGauge(registry, 'tokens_expiring', expiring, ['repository'], 'sum', (set) => {
    for (const figures of read()) set({ repository: figures.repository }, figures.expiring)
  })
  const nearly = 'Active tokens that have used four fifths of their downloads or bandwidth.'
  createLabelledGauge(registry, 'tokens_nearly_used_up', nearly, ['repository'], 'sum', (set) => {
    for (const figures of read()) set({ repository: figures.repository }, figures.nearlyUsedUp)
  })
}

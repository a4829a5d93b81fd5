import type { TokenJson } from '../api/types.ts'
import { duration } from './durations.ts'
import { count, counted, size } from './figures.ts'
import { dateTime, instantOf } from './instants.ts'
import { limitBytes, tokenWindow } from './token-facts.ts'

/** What is used of a limit. */
export interface Gauge {
  readonly title: string
  /** `3 of 10 downloads` */
  readonly words: string
  /** From 0 to 1 and more. null: there is no limit. */
  readonly share: number | null
}

/** The share of a limit from which on it is nearly used up. */
export const NEARLY = 0.8

/** What a token has used of what it may use. */
export function gaugesOf(token: TokenJson): readonly Gauge[] {
  const bytes = limitBytes(token)
  return [
    gauge('Downloads', token.downloads, token.limit_num_downloads, count),
    gauge('Clients', token.clients, token.limit_num_clients, count),
    gauge('Bandwidth', token.bandwidth, bytes, size),
  ]
}

/** Of whichever limit there is least left: what a list has room for. undefined: nothing is limited. */
export function tightestGauge(token: TokenJson): Gauge | undefined {
  const limited = gaugesOf(token).filter(({ share }) => share !== null)
  return limited.toSorted((one, other) => (other.share ?? 0) - (one.share ?? 0))[0]
}

function gauge(title: string, used: number, limit: number | null, show: (value: number) => string): Gauge {
  if (limit === null) return { title, words: `${show(used)}, not limited`, share: null }
  return { title, words: `${show(used)} of ${show(limit)}`, share: limit <= 0 ? 1 : used / limit }
}

/** A limit, or another setting, in words. */
export interface Fact {
  readonly title: string
  readonly words: string
}

/** What else narrows a token; only what is set. */
export function limitFacts(token: TokenJson): readonly Fact[] {
  const { from, until } = tokenWindow(token)
  const published = instantOf(token.limit_published_until)
  return [
    fact('Works from', from, dateTime),
    fact('Works until', until, dateTime),
    fact('Counts anew', token.next_reset_at === null ? null : token, resetWords),
    fact('Repositories', token.repositories, list),
    fact('Packages', token.limit_packages, list),
    fact('Package query', token.limit_package_query, String),
    fact('Path query', token.limit_path_query, String),
    fact('Networks', token.limit_networks, list),
    fact('Published until', published, dateTime),
    fact('Clients are forgotten', token.clients_window, (seconds) => `after ${duration(seconds)} unseen`),
    fact('Requests a second', token.limit_rate, count),
    fact('Downloads at once', token.limit_concurrency, count),
  ].filter((each) => each !== undefined)
}

function resetWords({ scheduled_reset_period: period, next_reset_at: next }: TokenJson): string {
  return `${period}, next on ${dateTime(instantOf(next ?? ''))}`
}

function fact<Value>(title: string, value: Value | null, show: (value: Value) => string): Fact | undefined {
  return value === null ? undefined : { title, words: show(value) }
}

function list(entries: readonly string[]): string {
  return entries.length === 0 ? 'none' : entries.join(', ')
}

/** `1 download, 3 clients` of a row without limits. */
export function plainUsage({ downloads, clients }: TokenJson): string {
  return `${counted(downloads, 'download')}, ${counted(clients, 'client')}`
}

import type { TokenState } from '../../policy/search/filter.ts'
import type { TokenJson } from '../api/types.ts'
import { count, counted, size } from './figures.ts'
import { dateTime, fromNow, instantOf } from './instants.ts'
import { limitBytes, tokenState, tokenWindow } from './token-facts.ts'

/** How good news is. */
export type Tone = 'good' | 'warning' | 'bad' | 'quiet'

/** A token's state for a person. */
export interface StateWords {
  readonly state: TokenState
  readonly tone: Tone
  /** A word or two. */
  readonly title: string
  /** Why, and what ends it. */
  readonly sentence: string
}

const STATE_TITLES: Readonly<Record<TokenState, string>> = {
  active: 'Active',
  disabled: 'Switched off',
  expired: 'Expired',
  not_yet_valid: 'Not yet valid',
  used_up: 'Used up',
}

const TONES: Readonly<Record<TokenState, Tone>> = {
  active: 'good',
  disabled: 'quiet',
  expired: 'bad',
  not_yet_valid: 'quiet',
  used_up: 'bad',
}

const SOON_MS = 14 * 86_400_000

/** Says what a token's state is, and why. `now` in epoch ms. */
export function describeState(token: TokenJson, now: number): StateWords {
  const state = tokenState(token, now)
  const words = { state, tone: TONES[state], title: STATE_TITLES[state] }
  switch (state) {
    case 'disabled':
      return { ...words, sentence: 'Switched off: every download is refused until it is switched on again.' }
    case 'expired':
      return { ...words, sentence: expired(token, now) }
    case 'not_yet_valid':
      return { ...words, sentence: notYet(token, now) }
    case 'used_up':
      return { ...words, sentence: usedUp(token) }
    case 'active':
      return { ...words, ...active(token, now) }
  }
}

function expired(token: TokenJson, now: number): string {
  const { until } = tokenWindow(token)
  return until === null
    ? 'Expired.'
    : `Expired on ${dateTime(until)}, ${fromNow(until, now)}. A later end lets it work again.`
}

function notYet(token: TokenJson, now: number): string {
  const { from } = tokenWindow(token)
  return from === null ? 'Not yet valid.' : `Works from ${dateTime(from)} on, ${fromNow(from, now)}.`
}

/** `Used up: 10 of 10 downloads, resets on 1 December 2026, 00:00 UTC.` */
function usedUp(token: TokenJson): string {
  const parts = [
    ...(isReached(token.downloads, token.limit_num_downloads) ? [downloadsUsed(token)] : []),
    ...(isReached(token.bandwidth, limitBytes(token)) ? [bytesUsed(token)] : []),
  ]
  return `Used up: ${parts.join(' and ')}, ${whatNext(token)}.`
}

function whatNext({ next_reset_at: nextReset }: TokenJson): string {
  const at = instantOf(nextReset)
  return at === null ? 'and no reset is scheduled' : `resets on ${dateTime(at)}`
}

function downloadsUsed({ downloads, limit_num_downloads: limit }: TokenJson): string {
  return `${count(downloads)} of ${counted(limit ?? 0, 'download')}`
}

function bytesUsed(token: TokenJson): string {
  return `${size(token.bandwidth)} of ${size(limitBytes(token) ?? 0)}`
}

/** It works; yet there may be something that keeps customers out, or soon will. */
function active(token: TokenJson, now: number): Pick<StateWords, 'sentence'> & Partial<StateWords> {
  const obstacle = obstacleOf(token)
  if (obstacle !== undefined) return { tone: 'warning', title: 'Opens nothing', sentence: obstacle }
  if (isReached(token.clients, token.limit_num_clients))
    return { tone: 'warning', title: 'Clients full', sentence: placesTaken(token) }
  const { until } = tokenWindow(token)
  if (until === null) return { sentence: awaitsStart(token) ?? 'Works, without an end.' }
  const sentence = `Works until ${dateTime(until)}, ${fromNow(until, now)}.`
  return until - now < SOON_MS ? { tone: 'warning', title: 'Ends soon', sentence } : { sentence }
}

function awaitsStart(token: TokenJson): string | undefined {
  const isWaiting = token.starts_on_first_download && token.first_download_at === null
  return isWaiting ? 'Works. Its time begins with the first download.' : undefined
}

function obstacleOf(token: TokenJson): string | undefined {
  const { limit_networks: networks, limit_packages: packages } = token
  if (networks?.length === 0) return 'No address may use it: its list of networks is empty.'
  if (packages?.length === 0) return 'It opens no package: its list of packages is empty.'
  if (token.repositories?.length === 0) return 'It opens no repository: its list of repositories is empty.'
  if (token.limit_concurrency === 0)
    return 'It allows no download at all: its limit of downloads at once is 0.'
  return undefined
}

function placesTaken({ clients, limit_num_clients: most }: TokenJson): string {
  return `All places for clients are taken: ${count(clients)} of ${count(most ?? 0)}. New addresses are refused, those known go on.`
}

function isReached(used: number, limit: number | null): boolean {
  return limit !== null && used >= limit
}

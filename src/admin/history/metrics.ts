import { setImmediate } from 'node:timers/promises'
import type { StoredToken, TokenPlace } from '../../store/contract.ts'
import type { DeliveryTotals } from '../../store/contract/history.ts'
import { json, type Answer } from '../answer.ts'
import { invalid, type FieldErrors } from '../errors.ts'
import type { AdminOptions } from '../options.ts'
import { pageHeaders } from '../pagination.ts'
import { SLUG_PERM, type Place } from '../places.ts'
import type { Call } from '../routes.ts'
import { commonMetrics } from './common-metrics.ts'
import { readInterval, startOf, type Interval } from './interval.ts'
import { allPackages, idOfPackage } from './packages.ts'

/** Tokens that are read in one go: with SQLite nobody else gets a turn meanwhile. */
const STEP = 100

/** Cloudsmith's figures over the tokens of repositories, all of them or those that are named: one set for all together. */
export async function metricsOfTokens(
  options: AdminOptions,
  call: Call,
  places: readonly Place[],
): Promise<Answer> {
  const read = readInterval(call, { from: 0, until: options.clock() + 1 })
  if (!read.ok) return invalid(read.errors)
  const chosen = await chooseTokens(options, call.query('tokens'), places)
  if (!chosen.ok) return invalid(chosen.errors)
  const totals = await totalsOf(options, chosen.tokens, read.interval)
  return summarised('tokens', totals)
}

type Chosen =
  | { readonly ok: true; readonly tokens: readonly string[] }
  | { readonly ok: false; readonly errors: FieldErrors }

/** By slug_perm or, as Cloudsmith's command line says, by secret. No answer repeats one. */
async function chooseTokens(
  options: AdminOptions,
  asked: string | undefined,
  places: readonly Place[],
): Promise<Chosen> {
  const words = wordsOf(asked)
  if (words.length === 0) {
    const tokens = await Promise.all(places.map((place) => tokensIn(options, place)))
    return { ok: true, tokens: tokens.flat() }
  }
  const found = await Promise.all(words.map((word) => findToken(options, word, places)))
  const unknown = found.flatMap((token, index) => (token === undefined ? [index + 1] : []))
  if (unknown.length > 0) {
    const errors = new Map([['tokens', unknown.map((number) => `There is no token like number ${number}.`)]])
    return { ok: false, errors }
  }
  return { ok: true, tokens: [...new Set(found.flatMap((token) => token?.slugPerm ?? []))] }
}

function wordsOf(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

async function tokensIn({ store }: AdminOptions, { owner, repo }: Place): Promise<readonly string[]> {
  const all: string[] = []
  let last: TokenPlace | null = null
  for (;;) {
    const tokens: readonly StoredToken[] = await store.tokens.walk(owner, repo, last, STEP)
    last = tokens.at(-1) ?? null
    if (last === null) return all
    all.push(...tokens.map(({ slugPerm }) => slugPerm))
    await setImmediate()
  }
}

async function findToken(
  { store, keeper }: AdminOptions,
  word: string,
  places: readonly Place[],
): Promise<StoredToken | undefined> {
  for (const { owner, repo } of SLUG_PERM.test(word) ? places : []) {
    const token = await store.tokens.read(owner, repo, word)
    if (token !== undefined) return token
  }
  const found = await store.tokens.find(keeper.digest(word))
  return found.find((token) => places.some(({ owner, repo }) => token.owner === owner && token.repo === repo))
}

/** By the hour as far back as hours are kept; else by the day, where a day counts of which a part was asked for. */
function totalsOf(
  options: AdminOptions,
  tokens: readonly string[],
  { from, until }: Interval,
): Promise<readonly DeliveryTotals[]> {
  const span = from >= options.clock() - options.historyKept().hoursMs ? 'hour' : 'day'
  return options.store.history.totals({ tokens, span, from: startOf(span, from), until })
}

/** Cloudsmith's figures over the packages of a repository that were ever downloaded, or those that are named. */
export async function metricsOfPackages(
  options: AdminOptions,
  call: Call,
  { owner, repo }: Place,
): Promise<Answer> {
  const read = readInterval(call, { from: 0, until: options.clock() + 1 })
  if (!read.ok) return invalid(read.errors)
  const repository = `${owner}/${repo}`
  const { history } = options.store
  const words = new Set(wordsOf(call.query('packages')))
  const known = (await allPackages(options, repository)).map((each) => ({
    id: idOfPackage(repository, each),
    name: each.name,
  }))
  const asked = known.filter(({ id, name }) => words.size === 0 || words.has(id) || words.has(name))
  const sums = await history.packageTotals({ repository, ...keptDays(options, read.interval) })
  const byId = new Map(sums.map((each) => [idOfPackage(repository, each), each]))
  return summarised(
    'packages',
    asked.map(({ id }) => byId.get(id) ?? { downloads: 0, bytes: 0 }),
  )
}

/** The days of an interval of which there may be anything: there are three million until the year 9999. */
function keptDays({ clock, historyKept }: AdminOptions, { from, until }: Interval): Interval {
  const now = clock()
  const oldest = now - historyKept().daysMs
  return { from: startOf('day', Math.max(from, oldest)), until: Math.min(until, now + 1) }
}

/** It is one page, whatever page was asked for. */
function summarised(name: string, all: readonly DeliveryTotals[]): Answer {
  const page = { page: 1, pageSize: Math.max(1, all.length) }
  return json(
    200,
    { [name]: commonMetrics(all) },
    pageHeaders(page, all.length, () => ''),
  )
}

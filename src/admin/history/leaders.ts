import { setImmediate } from 'node:timers/promises'
import { homeOf } from '../../policy/owner-level.ts'
import type { StoredToken } from '../../store/contract.ts'
import type { UsageBucket } from '../../store/contract/history.ts'
import { json, type Answer } from '../answer.ts'
import { invalid } from '../errors.ts'
import { formatInstant } from '../instants.ts'
import type { AdminOptions } from '../options.ts'
import type { Place } from '../places.ts'
import type { Call } from '../routes.ts'
import { fillGaps, readSpan, renderBucket, renderTotal, sumUp } from './buckets.ts'
import type { Interval } from './interval.ts'

/** Tokens that are looked at, however many there are. */
const MOST_TOKENS = 1_000
/** Of them, those that have used most since their counters began. */
const BY_COUNTER = 200
/** Look-ups that find out where tokens are at home. */
const MOST_LOOKS = 5_000
/** Tokens that are read in one go: with SQLite nobody else gets a turn meanwhile. */
const STEP = 50
const SHOWN = 10

interface Used {
  readonly token: StoredToken
  readonly buckets: readonly UsageBucket[]
}

/**
 * What the tokens of places used and were refused, and who did most of it. Of a million tokens only some are looked at: those of which
 * something was recorded last, and those that have used most.
 */
export async function showLeaders(
  options: AdminOptions,
  call: Call,
  places: readonly Place[],
): Promise<Answer> {
  const read = readSpan(options, call)
  if (!read.ok) return invalid(read.errors)
  const { span, interval } = read
  const { tokens, isComplete } = await candidates(options, places, interval)
  const used = await readAll(options, tokens, span, interval)
  const buckets = joinBuckets(used)
  const seesTokens = call.principal.can('tokens:read')
  const leaders = seesTokens ? used.map(renderLeader) : []
  const most = (figure: (each: Leader) => number): readonly Leader[] => leadersBy(leaders, figure)
  return json(200, {
    interval: span,
    start: formatInstant(interval.from),
    finish: formatInstant(interval.until),
    considered: tokens.length,
    is_complete: isComplete,
    total: renderTotal(buckets),
    buckets: fillGaps(buckets, span, interval).map(renderBucket),
    most_downloads: most(({ downloads }) => downloads),
    most_bandwidth: most(({ bandwidth }) => bandwidth),
    most_refusals: most(({ refusals }) => Object.values(refusals).reduce((sum, each) => sum + each, 0)),
  })
}

/** Tokens of the places that are worth a look. */
async function candidates(
  { store, clock }: AdminOptions,
  places: readonly Place[],
  { from }: Interval,
): Promise<{ readonly tokens: readonly StoredToken[]; readonly isComplete: boolean }> {
  const found = new Map<string, StoredToken>()
  const limit = Math.floor(MOST_LOOKS / places.length)
  const seen = await store.history.seen({ from, limit })
  let looked = 0
  for (const id of seen) {
    if (found.size >= MOST_TOKENS - BY_COUNTER) break
    if (looked++ % STEP === 0) await setImmediate()
    const token = await findIn(store.tokens, places, id)
    if (token !== undefined) found.set(id, token)
  }
  const isComplete = seen.length < limit && looked === seen.length
  if (!isComplete) {
    const [{ owner } = { owner: '' }, repos] = [places[0], places.map(({ repo }) => repo)]
    const page = { page: 1, pageSize: BY_COUNTER, filter: null, now: clock() }
    const listed = await store.tokens.list({ owner, repos, ...page, order: 'downloads', descending: true })
    for (const token of listed.tokens) found.set(token.slugPerm, token)
  }
  return { tokens: [...found.values()], isComplete }
}

async function findIn(
  tokens: AdminOptions['store']['tokens'],
  places: readonly Place[],
  id: string,
): Promise<StoredToken | undefined> {
  for (const { owner, repo } of places) {
    const token = await tokens.read(owner, repo, id)
    if (token !== undefined) return token
  }
  return undefined
}

async function readAll(
  { store }: AdminOptions,
  tokens: readonly StoredToken[],
  span: 'hour' | 'day',
  interval: Interval,
): Promise<readonly Used[]> {
  const all: Used[] = []
  for (let first = 0; first < tokens.length; first += STEP) {
    const some = tokens.slice(first, first + STEP)
    const read = some.map(async (token): Promise<Used> => {
      const buckets = await store.history.usage({ token: token.slugPerm, span, ...interval })
      return { token, buckets }
    })
    all.push(...(await Promise.all(read)))
    await setImmediate()
  }
  return all
}

/** The hours or days of all together, in their order. */
function joinBuckets(used: readonly Used[]): readonly UsageBucket[] {
  const byStart = Map.groupBy(
    used.flatMap(({ buckets }) => buckets),
    ({ start }) => start,
  )
  return Array.from(byStart, ([start, some]) => ({ start, ...sumUp(some) })).toSorted(
    (a, b) => a.start - b.start,
  )
}

type Leader = ReturnType<typeof renderTotal> & {
  readonly token: string
  readonly name: string
  readonly owner: string
  readonly repository: string | null
}

function renderLeader({ token, buckets }: Used): Leader {
  const { slugPerm, name, owner } = token
  return { token: slugPerm, name, owner, repository: homeOf(token), ...renderTotal(buckets) }
}

/** Those with the highest figure; none without any. */
function leadersBy(all: readonly Leader[], figure: (each: Leader) => number): readonly Leader[] {
  return all
    .filter((each) => figure(each) > 0)
    .toSorted((a, b) => figure(b) - figure(a))
    .slice(0, SHOWN)
}

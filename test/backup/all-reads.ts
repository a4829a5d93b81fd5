import type { Store } from '../../src/store/contract.ts'
import { DAY_MS, HOUR_MS, NOW } from '../store/conformance/fixtures.ts'
import type { Filling } from './fill.ts'

const EVER = { from: 0, until: NOW + 10 * DAY_MS }
const PAGE = { page: 1, pageSize: 1_000 }

/** What every read of the contract gives, as data that can be compared: two stores with the same content give the same. */
export async function allReads(store: Store, filling: Filling): Promise<unknown> {
  return {
    tokens: await readTokens(store, filling),
    usage: await readUsage(store, filling),
    keys: await store.keys.list({ ...PAGE, workingAt: null }),
    audit: await readAudit(store, filling),
    events: await readEvents(store, filling),
    history: await readHistory(store, filling),
  }
}

const USED = { kind: 'figure', figure: 'downloads', least: 1, most: 1_000_000 } as const

async function readTokens({ tokens }: Store, filling: Filling): Promise<unknown> {
  const [first] = filling.tokens
  if (first === undefined) return []
  const { owner, repo } = first
  const list = {
    owner,
    repos: [repo],
    ...PAGE,
    filter: null,
    order: 'name',
    descending: false,
    now: NOW,
  } as const
  while ((await tokens.refreshUsage(NOW, 500)) > 0);
  return {
    each: await Promise.all(filling.tokens.map(({ slugPerm }) => tokens.read(owner, repo, slugPerm))),
    found: await Promise.all(filling.digests.map((digest) => tokens.find(digest))),
    all: await tokens.list(list),
    active: await tokens.list({ ...list, filter: { kind: 'active', isActive: true }, descending: true }),
    searched: await tokens.list({ ...list, filter: { kind: 'name', pattern: first.name } }),
    used: await tokens.list({ ...list, filter: USED, order: 'last_used' }),
    walked: await tokens.walk(owner, repo, null, 1_000),
  }
}

async function readUsage({ usage }: Store, { tokens, requests }: Filling): Promise<unknown> {
  const names = tokens.map(({ slugPerm }) => ({ token: slugPerm, periodStart: null }))
  const later = requests.flatMap((request) => [
    { ...request, now: request.now + 1_000 },
    { ...request, now: NOW + 2 * HOUR_MS },
    { ...request, start: 0, end: 1_000, now: NOW + 5_000 },
    { ...request, client: '192.0.2.77', now: NOW + 6_000 },
  ])
  const answers = await Promise.all(later.map((request) => usage.reserve({ ...request, dryRun: true })))
  return {
    counters: await usage.read(names),
    clients: await Promise.all(names.map((name) => usage.listClients({ ...name, ...PAGE }))),
    answers: answers.map((answer) => ({ ...answer, id: '' })),
  }
}

function readAudit({ audit }: Store, { tokens }: Filling): Promise<unknown> {
  const all = {
    owner: null,
    repo: null,
    object: null,
    actor: null,
    event: null,
    from: null,
    until: null,
    ...PAGE,
  }
  const queries = [
    all,
    { ...all, owner: 'acme', repo: tokens[0]?.repo ?? '' },
    { ...all, object: tokens[0]?.slugPerm ?? '' },
    { ...all, actor: 'Operations' },
    { ...all, owner: 'acme', event: 'repo.entitlement.created' as const },
  ]
  return Promise.all(queries.map((query) => audit.list(query)))
}

/** The last reads change what waits. */
async function readEvents(
  { events, webhooks }: Store,
  { owners, webhooks: ids, seen }: Filling,
): Promise<unknown> {
  const queries = ids.flatMap((webhook) =>
    [null, 'waiting' as const, 'delivered' as const, 'dead' as const].map((state) => ({
      webhook,
      state,
      ...PAGE,
    })),
  )
  return {
    webhooks: await Promise.all([null, ...owners].map((owner) => webhooks.list(owner))),
    waiting: await events.waiting(1_000),
    deliveries: await Promise.all(queries.map((query) => events.deliveries(query))),
    counts: await events.counts(),
    news: await events.add(seen),
    closed: await events.closeHours(NOW + DAY_MS, NOW),
    refused: (await events.waiting(1_000)).filter(({ type }) => type === 'downloads.refused'),
  }
}

async function readHistory({ history }: Store, { tokens }: Filling): Promise<unknown> {
  const names = tokens.map(({ slugPerm }) => slugPerm)
  const repository = `acme/${tokens[0]?.repo}`
  const spans = ['hour', 'day'] as const
  const queries = names.flatMap((token) => spans.map((span) => ({ token, span, ...EVER })))
  const whose = [{ repository }, ...names.map((token) => ({ token, repository: null }))]
  const log = { repository, ...EVER, filter: {}, descending: true, after: null, limit: 1_000 }
  return {
    usage: await Promise.all(queries.map((query) => history.usage(query))),
    totals: await history.totals({ tokens: names, span: 'day', ...EVER }),
    seen: (await history.seen({ from: 0, limit: 1_000 })).toSorted(),
    packages: await Promise.all(
      whose.map(async (of) => sorted((await history.packages({ of, search: '', ...PAGE })).packages)),
    ),
    packageTotals: sorted(
      await history.packageTotals({ repository, from: NOW - 2 * DAY_MS, until: NOW + DAY_MS }),
    ),
    downloaders: await Promise.all(
      ['widget', '@acme/{wid}get'].map(async (name) =>
        sorted((await history.downloaders({ repository, name, version: null, ...PAGE })).downloaders),
      ),
    ),
    log: await history.downloads(log),
  }
}

/** Which comes first of those of the same time is up to the store. */
function sorted(values: readonly object[]): readonly string[] {
  return values.map((each) => JSON.stringify(Object.entries(each).toSorted())).toSorted()
}

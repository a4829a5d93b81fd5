import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { startNginx } from '../support/nginx.ts'
import { run, temporaryDirectory } from '../support/processes.ts'
import { startPrometheus, type Prometheus, type Sample } from '../support/prometheus.ts'
import { get } from '../support/requests.ts'
import { expressionsIn, namesIn, readDashboard } from './dashboard.ts'

/** A real Prometheus scrapes a gate of several workers under load. */

const BYTES = 1_000
const ADA = 60
const BOB = 25
const FAILED = 15
const REFUSED = 30

let started: AsyncDisposableStack
let gate: Gate
let prometheus: Prometheus
let tokens: Record<'ada' | 'bob' | 'late', GateToken>

beforeAll(async () => {
  started = new AsyncDisposableStack()
  const folder = started.use(await temporaryDirectory('scraped'))
  await writeFile(join(folder.path, 'file.bin'), 'x'.repeat(BYTES))
  const serverConfig = `root ${folder.path};
    location /good/ { try_files /file.bin =404; }
    location /bad/ { return 500; }`
  const nginx = started.use(await startNginx({ serverConfig }))
  const config = {
    workers: 2,
    store: `sqlite:${folder.path}/postern.db`,
    secret_key: 'k'.repeat(32),
    repositories: {
      'acme/good': { format: 'raw', upstream: `${nginx.url}/good/`, cache: false },
      'acme/bad': { format: 'raw', upstream: `${nginx.url}/bad/`, cache: false },
    },
  } as const
  tokens = await createTokens(config)
  // What there is of tokens is counted when it starts, and then every five minutes.
  gate = started.use(await startGate({ config }))
  prometheus = started.use(await startPrometheus([new URL(gate.adminUrl).host]))
})

afterAll(() => started?.disposeAsync())

async function createTokens(config: Parameters<typeof startGate>[0]['config']): Promise<typeof tokens> {
  await using before = await startGate({ config })
  const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()
  return {
    ada: await before.createToken('acme/good', { name: 'Ada', repositories: ['acme/*'] }),
    bob: await before.createToken('acme/good', { name: 'Bob', limit_date_range_to: inDays(3) }),
    late: await before.createToken('acme/good', { name: 'Late', limit_date_range_to: inDays(-3) }),
  }
}

let turn = 0

/** So many files, each another one, four at a time. */
async function fetchFiles({ token }: GateToken, count: number, repository = 'acme/good'): Promise<void> {
  for (let left = count; left > 0; left -= 4) {
    const some = Array.from({ length: Math.min(4, left) }, () =>
      get(`${gate.url}/${token}/${repository}/file-${turn++}.bin`),
    )
    await Promise.all(some)
  }
}

async function valueOf(expression: string): Promise<number | undefined> {
  const [first]: readonly Sample[] = await prometheus.query(expression)
  return first?.value
}

const NAMES = '{repository="acme/good",name="%"}'
const downloadsOf = (name: string): string => `sum(postern_downloads_total${NAMES.replace('%', name)})`

test(
  'the rules come out at what was fetched, by customer and by repository',
  { timeout: 90_000 },
  async () => {
    const { ada, bob, late } = tokens
    // A series that begins at some number has not grown to it, as Prometheus sees it.
    await Promise.all([
      fetchFiles(ada, 1),
      fetchFiles(bob, 1),
      fetchFiles(late, 1),
      fetchFiles(ada, 1, 'acme/bad'),
    ])
    await expect.poll(() => valueOf(downloadsOf('Ada'))).toBe(1)
    await expect.poll(() => valueOf(downloadsOf('Bob'))).toBe(1)
    await expect.poll(() => valueOf('sum(postern_requests_total{repository="acme/bad"})')).toBe(1)
    await expect.poll(() => valueOf('sum(postern_token_refusals_total{name="Late"})')).toBe(1)

    await Promise.all([
      fetchFiles(ada, ADA),
      fetchFiles(bob, BOB),
      fetchFiles(late, REFUSED),
      fetchFiles(ada, FAILED, 'acme/bad'),
    ])
    await expect.poll(() => valueOf(downloadsOf('Ada'))).toBe(ADA + 1)
    await expect.poll(() => valueOf(downloadsOf('Bob'))).toBe(BOB + 1)
    await expect.poll(() => valueOf('sum(postern_sent_bytes_total{name="Bob"})')).toBe((BOB + 1) * BYTES)
    await expect.poll(() => valueOf('sum(postern_token_refusals_total{name="Late"})')).toBe(REFUSED + 1)

    // Prometheus extends what it saw to both sides, by less than two scrapes together: the longer it has looked, the less that is.
    const near = async (expression: string, expected: number): Promise<void> =>
      expect
        .poll(async () => Math.abs(((await valueOf(expression)) ?? 0) / expected - 1), { timeout: 40_000 })
        .toBeLessThan(0.2)
    await near('customer:postern_downloads:increase1h{repository="acme/good",name="Ada"}', ADA)
    await near('customer:postern_downloads:increase1h{repository="acme/good",name="Bob"}', BOB)
    await near('customer:postern_refusals:increase1h{name="Late"}', REFUSED)
    await near(
      'customer:postern_sent_bytes:rate5m{name="Ada",repository="acme/good"} / ignoring(name, token) group_left() sum by (job, repository) (customer:postern_sent_bytes:rate5m{name=~"Ada|Bob"})',
      ADA / (ADA + BOB),
    )
    expect(await valueOf('repository:postern_upstream_failures:ratio_rate5m{repository="acme/bad"}')).toBe(1)
    expect(await valueOf('repository:postern_upstream_failures:ratio_rate5m{repository="acme/good"}')).toBe(
      undefined,
    )
  },
)

test('what is wrong is told of, and nothing else', async () => {
  const names = async (): Promise<readonly string[]> =>
    (await prometheus.alerts()).map(({ labels }) => labels['alertname'] ?? '').toSorted()
  await expect
    .poll(names)
    .toEqual([
      'PosternCustomerRefused',
      'PosternErrorBudgetBurns',
      'PosternErrorBudgetBurnsFast',
      'PosternTokensExpiring',
      'PosternUpstreamFailing',
    ])
  expect(await valueOf('postern_tokens{repository="acme/good",state="expired"}')).toBe(1)
  expect(await valueOf('postern_tokens{repository="acme/good",state="active"}')).toBe(2)
})

test('Prometheus has what every panel of the dashboard is drawn from', async () => {
  const metrics = await exported()
  const rules = new Set(
    (await prometheus.query('{__name__=~".+:postern_.+"}')).map(({ labels }) => labels['__name__']),
  )
  for (const { panel, expression } of expressionsIn(readDashboard())) {
    // Rejects for what Prometheus does not understand.
    await prometheus.query(expression)
    const names = namesIn(expression)
    expect([panel, names.length > 0]).toEqual([panel, true])
    const unknown = names.filter((name) => !metrics.has(name) && !rules.has(name))
    expect([panel, unknown]).toEqual([panel, []])
  }
})

/** Names of series; what has none yet is told of all the same. */
async function exported(): Promise<ReadonlySet<string>> {
  const text = await metricsText()
  const names = Array.from(text.matchAll(/^# TYPE (\S+) (\w+)$/gm), ([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  )
  return new Set(names.flat())
}

async function metricsText(): Promise<string> {
  return (await fetch(`${gate.adminUrl}/metrics`)).text()
}

test('metrics are called as is the custom', async () => {
  const text = await metricsText()
  const file = await temporaryDirectory('metrics')
  await writeFile(join(file.path, 'metrics'), text)
  const { code, output } = await run('sh', ['-c', `promtool check metrics < ${file.path}/metrics`])
  await file.remove()
  expect([code, ours(output)]).toEqual([expect.any(Number), []])
})

/** What is said of Postern's own: names of what prom-client tells of Node are not ours to choose. */
function ours(output: string): readonly string[] {
  return output.split('\n').filter((line) => line.startsWith('postern_'))
}

import { createAggregate } from '../../src/telemetry/aggregate.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { observation } from '../telemetry/observations.ts'
import { renderTable } from './markdown.ts'

const INTRODUCTION = `<!-- Written by \`npm run docs\` from src/telemetry and test/docs/metrics-document.ts. -->

# Every figure

\`GET /metrics\` of the management port has these in Prometheus' text format, without a key. Counters and histograms are sums over all
workers, those included that have ended; gauges are over the living. \`token\` is the permanent id of a token, \`name\` its name; customers
beyond \`metrics.max_customers\` are summed up under \`token="other"\`. What to watch: [deploying](deploying.md).
`

const CLOSING = `
Beside these there is what prom-client tells of Node and the process (\`nodejs_…\`, \`process_…\`), with the label \`worker\`: a number, or
\`primary\`.

## Prometheus and Grafana

What follows lies ready in [config/prometheus](../config/prometheus/) and [config/grafana](../config/grafana/):

${renderTable([
  ['file', 'what it is'],
  ['[prometheus.yml](../config/prometheus/prometheus.yml)', 'A scrape of Postern, to be put into yours.'],
  [
    '[recording.rules.yml](../config/prometheus/recording.rules.yml)',
    'Rates and shares, by repository and by customer.',
  ],
  ['[alerts.rules.yml](../config/prometheus/alerts.rules.yml)', 'What to be told of.'],
  [
    '[rules.test.yml](../config/prometheus/rules.test.yml)',
    'Cases for both, for whoever changes a threshold: `promtool test rules rules.test.yml`.',
  ],
  ['[postern.json](../config/grafana/postern.json)', 'A dashboard.'],
])}
1. Add the job of \`prometheus.yml\` to yours. Prometheus has to reach the management port; let nobody else reach it. The rules take the
   job to be called \`postern\`.
2. Copy the two files of rules to where Prometheus finds them and name them under \`rule_files\`. \`promtool check rules *.rules.yml\`
   says whether all is well; a SIGHUP makes Prometheus read them.
3. In Grafana: Dashboards → New → Import, upload \`postern.json\`, choose the Prometheus. It needs Grafana 10 or later, and no plugin.

Series by customer are bounded by \`metrics.max_customers\`, in the rules as well: where a hundred customers are enough, say so there.
\`postern_tokens…\` are counted every five minutes by one process of all that share a store, so sum them up over hosts.
`

/** The whole of docs/metrics.md. */
export async function renderMetricsDocument(): Promise<string> {
  const text = await readFigures()
  const rows = Array.from(text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\w+)\n(.*)$/gm), (match) => {
    const [, name = '', help = '', type = '', series = ''] = match
    if (!series.startsWith(name)) throw new Error(`The figure ${name} has no series: its labels are unknown`)
    return [`\`${name}\``, type, labelsOf(series), escape(help)]
  })
  return `${INTRODUCTION}\n${renderTable([['name', 'type', 'labels', 'meaning'], ...rows])}${CLOSING}`
}

function labelsOf(series: string): string {
  const [, labels = ''] = /\{(.*)\}/.exec(series) ?? []
  const names = Array.from(labels.matchAll(/(\w+)="/g), ([, name = '']) => name)
  return names
    .filter((name) => name !== 'le')
    .map((name) => `\`${name}\``)
    .join(', ')
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|')
}

const STORE = {
  isUp: true,
  entries: 0,
  bytes: 0,
  oldestSeconds: 0,
  replayed: 0,
  deliveries: new Map([['acme/stable', 1]]),
}

const FRONT = { connections: 1, certificates: [{ label: 'a', notAfter: 1, isStale: false }] }

/** What a service tells in which everything has happened once. */
async function readFigures(): Promise<string> {
  const metrics = createMetrics({
    maxCustomers: 10,
    version: '1.2.3',
    collectProcess: false,
    storeFigures: () => STORE,
    frontFigures: () => FRONT,
    upstreamStates: () => [{ repository: 'acme/stable', upstream: 1, state: 'up' }],
    offloadFigures: () => [{ way: 'proxy', pending: 1, settled: 1, givenUp: 1 }],
  })
  const token = { slugPerm: 'a', name: 'A' }
  metrics.observe(observation({ token, charged: 1, bytes: 1, upstreamMs: 1 }))
  metrics.observe(observation({ token, status: 403, outcome: 'token_expired' }))
  metrics.tokenCache('hit')
  metrics.objectCache('hit')
  metrics.store('reserve', 1, false)
  metrics.failover('acme/stable', 1)
  metrics.webhookAttempt('delivered')
  metrics.tokens([{ repository: 'acme/stable', states: { active: 1 }, expiring: 1, nearlyUsedUp: 1 }])
  metrics.cut('handshake')
  const workers = { wanted: 1, serving: 1, restarts: 0 }
  const aggregate = createAggregate({ maxCustomers: 10, workers: () => workers })
  aggregate.take('1', await metrics.snapshot())
  return (await aggregate.read()).body
}

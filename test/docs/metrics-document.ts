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

/** What a service tells in which everything has happened once. */
async function readFigures(): Promise<string> {
  const metrics = createMetrics({
    maxCustomers: 10,
    version: '1.2.3',
    collectProcess: false,
    storeFigures: () => STORE,
  })
  const token = { slugPerm: 'a', name: 'A' }
  metrics.observe(observation({ token, charged: 1, bytes: 1, upstreamMs: 1 }))
  metrics.observe(observation({ token, status: 403, outcome: 'token_expired' }))
  metrics.tokenCache('hit')
  metrics.objectCache('hit')
  metrics.store('reserve', 1, false)
  metrics.webhookAttempt('delivered')
  const workers = { wanted: 1, serving: 1, restarts: 0 }
  const aggregate = createAggregate({ maxCustomers: 10, workers: () => workers })
  aggregate.take('1', await metrics.snapshot())
  return (await aggregate.read()).body
}

import { Registry, type Metric } from 'prom-client'
import { createAdmission, type Labels } from './admission.ts'

/** The figures of one process, as plain data. */
export type MetricsSnapshot = readonly MetricFigures[]

interface MetricFigures {
  readonly name: string
  readonly help: string
  readonly type: string
  /** How prom-client would add up the processes of a cluster. */
  readonly aggregator?: string
  readonly values: readonly Series[]
}

interface Series {
  /** Of a histogram's parts; else that of the metric. */
  readonly metricName?: string
  readonly labels: Labels
  readonly value: number
}

/** The figures of several processes as those of one service. */
export interface Aggregate {
  /** The latest figures of a process. They replace what it had before. */
  readonly take: (source: string, snapshot: MetricsSnapshot) => void
  /** The process is gone. What it had counted stays in the sums, what it was doing does not. */
  readonly retire: (source: string) => void
  /** Everything in Prometheus' text format. */
  readonly read: () => Promise<{ readonly contentType: string; readonly body: string }>
}

export interface AggregateOptions {
  /** Bounds the customers of the sums as each process bounds its own. */
  readonly maxCustomers: number
  readonly workers: () => WorkerFigures
}

interface WorkerFigures {
  readonly wanted: number
  readonly serving: number
  /** Workers that were started in place of one that had ended. */
  readonly restarts: number
}

/** A metric while it is added up. */
interface Sums {
  readonly metric: MetricFigures
  readonly series: Map<string, { labels: Labels; metricName?: string; value: number }>
}

const OURS = 'postern_'

/**
 * Counters and histograms are summed over all processes, dead ones included, so that no sum goes back; gauges over the living, unless they
 * say that the smallest or the largest is what counts.
 * What Node and the operating system tell of a process is not summed: it has the label `worker`, because the memory or the event
 * loop of one worker is what there is to see, and Prometheus can sum it.
 */
export function createAggregate({ maxCustomers, workers }: AggregateOptions): Aggregate {
  const latest = new Map<string, MetricsSnapshot>()
  const retired = new Map<string, Sums>()
  const admission = createAdmission(maxCustomers)

  const sumUp = (): ReadonlyMap<string, Sums> => {
    const sums = new Map<string, Sums>()
    const add = (metric: MetricFigures, series: Series): void =>
      addSeries(sums, metric, series, admission.place)
    for (const { metric, series } of retired.values()) series.forEach((each) => add(metric, each))
    for (const [source, snapshot] of latest) {
      for (const metric of snapshot) {
        // Even one without any series yet is told of.
        sumsOf(sums, metric)
        for (const series of metric.values) add(metric, isOurs(metric) ? series : labelled(series, source))
      }
    }
    return sums
  }
  return {
    take: (source, snapshot) => {
      latest.set(source, snapshot)
      admission.note(source, labelsIn(snapshot))
    },
    retire: (source) => {
      for (const metric of latest.get(source) ?? []) {
        if (!isOurs(metric) || metric.type === 'gauge') continue
        for (const series of metric.values) addSeries(retired, metric, series, (labels) => labels)
      }
      latest.delete(source)
      admission.forget(source)
    },
    read: async () => {
      const registry = new Registry()
      for (const { metric, series } of sumUp().values()) register(registry, metric, [...series.values()])
      for (const metric of describeWorkers(workers())) register(registry, metric, metric.values)
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
}

function isOurs({ name }: MetricFigures): boolean {
  return name.startsWith(OURS)
}

function labelled(series: Series, worker: string): Series {
  return { ...series, labels: { ...series.labels, worker } }
}

function* labelsIn(snapshot: MetricsSnapshot): IterableIterator<Labels> {
  for (const { values } of snapshot) for (const { labels } of values) yield labels
}

function addSeries(
  sums: Map<string, Sums>,
  metric: MetricFigures,
  { labels, metricName, value }: Series,
  place: (labels: Labels) => Labels,
): void {
  const { series } = sumsOf(sums, metric)
  const placed = place(labels)
  const key = JSON.stringify([metricName, placed])
  const known = series.get(key)
  if (known === undefined) series.set(key, { labels: placed, value, ...(metricName && { metricName }) })
  else known.value = combine(metric.aggregator, known.value, value)
}

function combine(aggregator: string | undefined, one: number, other: number): number {
  if (aggregator === 'first') return one
  if (aggregator === 'min') return Math.min(one, other)
  return aggregator === 'max' ? Math.max(one, other) : one + other
}

function sumsOf(sums: Map<string, Sums>, metric: MetricFigures): Sums {
  const known = sums.get(metric.name)
  if (known !== undefined) return known
  const begun: Sums = { metric, series: new Map() }
  sums.set(metric.name, begun)
  return begun
}

/** A registry asks a metric for its name and its values, nothing else; the class has private parts that are not needed. */
function register(
  registry: Registry,
  { name, help, type }: Omit<MetricFigures, 'values'>,
  values: readonly Series[],
): void {
  registry.registerMetric({
    name,
    help,
    type,
    get: async () => ({ name, help, type, values }),
  } as unknown as Metric)
}

function describeWorkers({ wanted, serving, restarts }: WorkerFigures): MetricFigures[] {
  const describe = (name: string, type: string, help: string, value: number): MetricFigures => ({
    name: `${OURS}${name}`,
    type,
    help,
    values: [{ labels: {}, value }],
  })
  return [
    describe('workers_wanted', 'gauge', 'Worker processes that there should be.', wanted),
    describe('workers_serving', 'gauge', 'Worker processes that serve customers.', serving),
    describe('worker_restarts_total', 'counter', 'Workers started in place of one that had ended.', restarts),
  ]
}

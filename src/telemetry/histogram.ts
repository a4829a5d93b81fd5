import type { Metric, Registry } from 'prom-client'

export interface HistogramOptions {
  readonly name: string
  readonly help: string
  /** The only label. */
  readonly label: string
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[]
}

interface Series {
  /** Observations by bucket; the last is for those above all bounds. */
  readonly counts: number[]
  sum: number
}

/**
 * Adds a histogram to `registry` and returns what observes a value. prom-client's own class checks and joins the labels anew for
 * each value: with it, observing a request took 1.3 µs, with this 0.3 µs.
 */
export function createHistogram(
  registry: Registry,
  options: HistogramOptions,
): (labelValue: string, value: number) => void {
  const { buckets } = options
  const all = new Map<string, Series>()
  const get = async (): Promise<unknown> => ({
    ...describe(options),
    values: [...all].flatMap(([labelValue, series]) => render(options, labelValue, series)),
  })
  // A registry asks a metric for its name and its values, nothing else; the class has private parts that are not needed.
  registry.registerMetric({ ...describe(options), get } as unknown as Metric)
  return (labelValue, value) => {
    const series = all.get(labelValue) ?? addSeries(all, labelValue, buckets.length)
    const bucket = bucketOf(buckets, value)
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1
    series.sum += value
  }
}

function describe({ name, help }: HistogramOptions) {
  return { name, help, type: 'histogram', aggregator: 'sum' }
}

function addSeries(all: Map<string, Series>, labelValue: string, buckets: number): Series {
  const series: Series = { counts: Array.from({ length: buckets + 1 }, () => 0), sum: 0 }
  all.set(labelValue, series)
  return series
}

function bucketOf(buckets: readonly number[], value: number): number {
  let i = 0
  for (const bound of buckets) {
    if (value <= bound) return i
    i++
  }
  return i
}

/** Buckets are cumulative when they are read. */
function render({ name, label, buckets }: HistogramOptions, labelValue: string, { counts, sum }: Series) {
  let total = 0
  const lines = counts.map((count, i) => {
    total += count
    return {
      metricName: `${name}_bucket`,
      labels: { le: buckets[i] ?? '+Inf', [label]: labelValue },
      value: total,
    }
  })
  return [
    ...lines,
    { metricName: `${name}_sum`, labels: { [label]: labelValue }, value: sum },
    { metricName: `${name}_count`, labels: { [label]: labelValue }, value: total },
  ]
}

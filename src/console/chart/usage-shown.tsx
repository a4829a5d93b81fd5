import type { VNode } from 'preact'
import { useMemo } from 'preact/hooks'
import type { UsageJson } from '../api/types.ts'
import { Table } from '../parts/table.tsx'
import { count } from '../words/figures.ts'
import { date, dateTime } from '../words/instants.ts'
import { sortRefusals } from '../words/refusals.ts'
import { Chart } from './chart.tsx'
import { MEASURES, type Measure } from './measures.ts'

/** A measure over time: the sum, a chart, a table, and why requests were refused. */
export function UsageShown({
  usage,
  measure,
}: {
  readonly usage: UsageJson
  readonly measure: Measure
}): VNode {
  const { buckets, interval } = usage
  const series = useMemo(
    () => ({
      starts: buckets.map(({ start }) => Date.parse(start) / 1000),
      values: buckets.map(measure.valueOf),
      show: measure.show,
    }),
    [buckets, measure],
  )
  const total = measure.valueOf(usage.total)
  const when = (start: string): string => (interval === 'day' ? date : dateTime)(Date.parse(start))
  const describe = (index: number): string => {
    const bucket = buckets[index]
    return bucket === undefined ? '' : `${when(bucket.start)}: ${measure.show(measure.valueOf(bucket))}`
  }
  return (
    <>
      <p class="total">
        <strong>{measure.show(total)}</strong> {total === 1 ? measure.singular : measure.title.toLowerCase()}{' '}
        in all
      </p>
      <Chart series={series} describe={describe} />
      <Reasons refusals={usage.total.refusals} />
      <details>
        <summary>The same as a table</summary>
        <Table
          caption={`${measure.title} by the ${interval}`}
          columns={[
            { title: interval === 'day' ? 'Day (UTC)' : 'Hour (UTC)', cell: ({ start }) => when(start) },
            ...MEASURES.map(({ title, valueOf, show }) => ({
              title,
              isFigure: true,
              cell: (bucket: UsageJson['buckets'][number]) => show(valueOf(bucket)),
            })),
          ]}
          rows={buckets.toReversed()}
          keyOf={({ start }) => start}
        />
      </details>
    </>
  )
}

/** Why customers were refused, the most frequent reason first. */
function Reasons({ refusals }: { readonly refusals: Readonly<Record<string, number>> }): VNode | null {
  const reasons = sortRefusals(refusals)
  if (reasons.length === 0) return null
  return (
    <div class="reasons">
      <h3>Refused in this time, and why</h3>
      <ul>
        {reasons.map(({ code, title, count: times }) => (
          <li key={code}>
            <span>{title}</span> <span class="muted">{`${count(times)} ×`}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

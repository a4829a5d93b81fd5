import type { VNode } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { now } from '../../clock.ts'
import type { UsageJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { Chart } from '../../chart/chart.tsx'
import { MEASURES, type Measure } from '../../chart/measures.ts'
import { SPANS } from '../../chart/spans.ts'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/field.tsx'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { Table } from '../../parts/table.tsx'
import { useSession } from '../../session/context.ts'
import { count } from '../../words/figures.ts'
import { date, dateTime } from '../../words/instants.ts'
import { sortRefusals } from '../../words/refusals.ts'

/** What was used when, and what was refused and why. */
export function History({ path: token }: { readonly path: readonly string[] }): VNode {
  const { api } = useSession()
  const [spanId, setSpan] = useState(SPANS[0].id)
  const [measureId, setMeasure] = useState(MEASURES[0].id)
  const span = SPANS.find(({ id }) => id === spanId) ?? SPANS[0]
  const measure = MEASURES.find(({ id }) => id === measureId) ?? MEASURES[0]
  const path = [...token, 'usage']
  const loaded = useLoad(`${path.join('/')} ${span.id}`, async (signal) => {
    const start = new Date(now() - span.lengthMs).toISOString()
    const { body } = await api({ path, query: { interval: span.interval, start }, signal })
    return body as UsageJson
  })
  return (
    <Section title="History">
      <div class="row">
        <div class="segments" role="group" aria-label="What is shown">
          {MEASURES.map(({ id, title }) => (
            <Button key={id} isPressed={id === measure.id} onClick={() => setMeasure(id)}>
              {title}
            </Button>
          ))}
        </div>
        <Choice
          label="Time"
          isLabelHidden
          value={span.id}
          options={SPANS.map(({ id, title }) => [id, title])}
          onChange={setSpan}
        />
      </div>
      <LoadedPart of={loaded} what="history">
        {(usage) => <Shown usage={usage} measure={measure} />}
      </LoadedPart>
    </Section>
  )
}

function Shown({ usage, measure }: { readonly usage: UsageJson; readonly measure: Measure }): VNode {
  const { buckets, interval } = usage
  const series = useMemo(
    () => ({
      starts: buckets.map(({ start }) => Date.parse(start) / 1000),
      values: buckets.map(measure.valueOf),
      show: measure.show,
    }),
    [buckets, measure],
  )
  const when = (start: string): string => (interval === 'day' ? date : dateTime)(Date.parse(start))
  const describe = (index: number): string => {
    const bucket = buckets[index]
    return bucket === undefined ? '' : `${when(bucket.start)}: ${measure.show(measure.valueOf(bucket))}`
  }
  return (
    <>
      <p class="total">
        <strong>{measure.show(measure.valueOf(usage.total))}</strong> {measure.title.toLowerCase()} in all
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

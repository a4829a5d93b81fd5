import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { now } from '../../clock.ts'
import type { UsageJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { MeasureChoice } from '../../chart/measure-choice.tsx'
import { MEASURES } from '../../chart/measures.ts'
import { SPANS } from '../../chart/spans.ts'
import { UsageShown } from '../../chart/usage-shown.tsx'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { useSession } from '../../session/context.ts'

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
      <MeasureChoice measure={measure} span={span} onMeasure={setMeasure} onSpan={setSpan} />
      <LoadedPart of={loaded} what="history">
        {(usage) => <UsageShown usage={usage} measure={measure} />}
      </LoadedPart>
    </Section>
  )
}

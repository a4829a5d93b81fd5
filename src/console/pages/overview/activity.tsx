import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { now } from '../../clock.ts'
import type { LeadersJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { MeasureChoice } from '../../chart/measure-choice.tsx'
import { MEASURES } from '../../chart/measures.ts'
import { SPANS } from '../../chart/spans.ts'
import { UsageShown } from '../../chart/usage-shown.tsx'
import { Button } from '../../parts/button.tsx'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { useSession } from '../../session/context.ts'
import { count } from '../../words/figures.ts'
import { pathIn, placeName, type TokenPlace } from '../../words/places.ts'
import { Leaders } from './leaders.tsx'

/** What was used in a time, by whom most, and who was refused most. */
export function Activity({ place }: { readonly place: TokenPlace }): VNode {
  const { api, rights } = useSession()
  const [spanId, setSpan] = useState(SPANS[0].id)
  const [measureId, setMeasure] = useState(MEASURES[0].id)
  const span = SPANS.find(({ id }) => id === spanId) ?? SPANS[0]
  const measure = MEASURES.find(({ id }) => id === measureId) ?? MEASURES[0]
  const loaded = useLoad(`${placeName(place)} ${span.id}`, async (signal) => {
    const path = pathIn('usage', place)
    const start = new Date(now() - span.lengthMs).toISOString()
    const { body } = await api({ path, query: { interval: span.interval, start }, signal })
    return body as LeadersJson
  })
  return (
    <>
      <Section
        title="Use"
        tools={
          <Button kind="quiet" onClick={loaded.reload}>
            Read again
          </Button>
        }
      >
        <MeasureChoice measure={measure} span={span} onMeasure={setMeasure} onSpan={setSpan} />
        <LoadedPart of={loaded} what="figures">
          {(usage) => (
            <>
              <UsageShown usage={usage} measure={measure} />
              {usage.is_complete ? null : <Partial considered={usage.considered} />}
            </>
          )}
        </LoadedPart>
      </Section>
      {loaded.value === undefined || !rights.can('tokens:read') ? null : (
        <div class="leaders">
          <Leaders title="Most downloads" rows={loaded.value.most_downloads} kind="downloads" />
          <Leaders title="Most sent" rows={loaded.value.most_bandwidth} kind="bandwidth" />
          <Leaders title="Refused most" rows={loaded.value.most_refusals} kind="refusals" />
        </div>
      )}
    </>
  )
}

function Partial({ considered }: { readonly considered: number }): VNode {
  return (
    <p class="hint">
      Of {count(considered)} tokens: those that were used last, and those that have used most. There are more.
    </p>
  )
}

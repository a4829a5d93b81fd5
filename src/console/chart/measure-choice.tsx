import type { VNode } from 'preact'
import { Button } from '../parts/button.tsx'
import { Choice } from '../parts/field.tsx'
import { MEASURES, type Measure } from './measures.ts'
import { SPANS, type Span } from './spans.ts'

interface MeasureChoiceProps {
  readonly measure: Measure
  readonly span: Span
  readonly onMeasure: (id: string) => void
  readonly onSpan: (id: string) => void
}

/** What is shown of which time. */
export function MeasureChoice({ measure, span, onMeasure, onSpan }: MeasureChoiceProps): VNode {
  return (
    <div class="row">
      <div class="segments" role="group" aria-label="What is shown">
        {MEASURES.map(({ id, title }) => (
          <Button key={id} isPressed={id === measure.id} onClick={() => onMeasure(id)}>
            {title}
          </Button>
        ))}
      </div>
      <Choice
        label="Time"
        isLabelHidden
        value={span.id}
        options={SPANS.map(({ id, title }) => [id, title])}
        onChange={onSpan}
      />
    </div>
  )
}

import type { VNode } from 'preact'
import { NEARLY, type Gauge } from '../words/limits.ts'

/** How much of a limit is used. The words say it; the bar shows it. */
export function GaugeBar({
  gauge,
  hasTitle = false,
}: {
  readonly gauge: Gauge
  readonly hasTitle?: boolean
}): VNode {
  const { title, words, share } = gauge
  const percent = Math.min(100, Math.round((share ?? 0) * 100))
  const tone = share === null ? 'none' : share >= 1 ? 'full' : share >= NEARLY ? 'nearly' : 'some'
  return (
    <div class="gauge">
      <span class="gauge-words">
        {hasTitle ? <span class="gauge-title">{title}</span> : null}
        <span>{words}</span>
      </span>
      {share === null ? null : (
        <span class={`gauge-track gauge-${tone}`} aria-hidden="true">
          <span class="gauge-fill" style={{ width: `${percent}%` }} />
        </span>
      )}
    </div>
  )
}

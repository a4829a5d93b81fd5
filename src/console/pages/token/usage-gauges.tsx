import type { VNode } from 'preact'
import type { TokenJson } from '../../api/types.ts'
import { GaugeBar } from '../../parts/gauge-bar.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Section } from '../../parts/section.tsx'
import { dateTime, instantOf } from '../../words/instants.ts'
import { gaugesOf } from '../../words/limits.ts'

/** What is used of each limit since the counters were last at zero. */
export function UsageGauges({ token }: { readonly token: TokenJson }): VNode {
  const since = instantOf(token.last_reset_at)
  return (
    <Section title="Used">
      <div class="gauges">
        {gaugesOf(token).map((gauge) => (
          <GaugeBar key={gauge.title} gauge={gauge} hasTitle />
        ))}
      </div>
      <p class="muted">
        {since === null ? 'Since it was made.' : `Since ${dateTime(since)}.`} Last used{' '}
        <Instant at={token.last_used_at} />.
      </p>
    </Section>
  )
}

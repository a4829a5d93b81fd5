import type { VNode } from 'preact'
import { now } from '../clock.ts'
import { dateTime, fromNow } from '../words/instants.ts'

interface InstantProps {
  readonly at: string | null
  /** What is said where there is none. */
  readonly none?: string
}

/** An instant of the API: how long from now, and exactly. */
export function Instant({ at, none = 'never' }: InstantProps): VNode {
  if (at === null) return <span class="muted nowrap">{none}</span>
  const ms = Date.parse(at)
  return (
    <time dateTime={at} title={dateTime(ms)}>
      {fromNow(ms, now())}
    </time>
  )
}

/** The same, exactly. */
export function ExactInstant({ at, none = 'never' }: InstantProps): VNode {
  if (at === null) return <span class="muted">{none}</span>
  return <time dateTime={at}>{dateTime(Date.parse(at))}</time>
}

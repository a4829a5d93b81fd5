import type { VNode } from 'preact'
import { count } from '../words/figures.ts'

interface ProgressProps {
  readonly title: string
  readonly of: number
  readonly done: number
}

/** How far something is that takes a while. */
export function Progress({ title, of, done }: ProgressProps): VNode {
  return (
    <div>
      <progress class="progress" aria-label={title} max={of} value={done} />
      <p class="hint">
        {count(done)} of {count(of)}
      </p>
    </div>
  )
}

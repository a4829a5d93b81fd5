import type { ComponentChildren, VNode } from 'preact'
import { useId } from 'preact/hooks'
import type { Loaded } from '../api/use-load.ts'
import { Failure } from './failure.tsx'
import { Loading } from './loading.tsx'

interface SectionProps {
  readonly title: string
  /** Controls beside the title. */
  readonly tools?: ComponentChildren
  readonly children: ComponentChildren
}

/** A part of a page under its title. */
export function Section({ title, tools, children }: SectionProps): VNode {
  const id = useId()
  return (
    <section class="card" aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>{title}</h2>
        {tools}
      </div>
      {children}
    </section>
  )
}

interface LoadedPartProps<Value> {
  readonly of: Loaded<Value>
  /** What is loaded, in words. */
  readonly what: string
  readonly children: (value: Value) => ComponentChildren
}

/** What was loaded; while it is, or where it can't be, words that say so. */
export function LoadedPart<Value>({ of, what, children }: LoadedPartProps<Value>): VNode {
  const { value, error, isLoading, reload } = of
  return (
    <div aria-busy={isLoading}>
      {error === undefined ? null : <Failure error={error} onRetry={reload} />}
      {value === undefined && isLoading ? <Loading what={what} /> : null}
      {value === undefined ? null : children(value)}
    </div>
  )
}

import type { ComponentChildren, VNode } from 'preact'

/** A thing that is known, under its name. */
export interface ShownFact {
  readonly title: string
  readonly shown: ComponentChildren
}

export function Facts({ facts }: { readonly facts: readonly ShownFact[] }): VNode {
  return (
    <dl class="facts">
      {facts.map(({ title, shown }) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{shown}</dd>
        </div>
      ))}
    </dl>
  )
}

import type { VNode } from 'preact'

/** Is shown only when it takes a moment: what flashes disturbs. */
export function Loading({ what }: { readonly what: string }): VNode {
  return (
    <p class="loading" role="status">
      Loading {what}…
    </p>
  )
}

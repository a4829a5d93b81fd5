import type { VNode } from 'preact'
import type { Tone } from '../words/state.ts'

/** A word with a colour that says the same. */
export function Badge({ tone, title }: { readonly tone: Tone; readonly title: string }): VNode {
  return <span class={`badge badge-${tone}`}>{title}</span>
}

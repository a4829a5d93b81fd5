import type { VNode } from 'preact'

interface UserTextProps {
  /** What somebody typed, or a client sent: anything. */
  readonly text: string
  readonly class?: string
}

/** Text of others: inert, breaks anywhere, and its marks of direction turn nothing outside of it around. */
export function UserText({ text, class: className = '' }: UserTextProps): VNode {
  return (
    <bdi class={`user-text ${className}`} title={className.includes('clip') ? text.slice(0, 500) : undefined}>
      {text}
    </bdi>
  )
}

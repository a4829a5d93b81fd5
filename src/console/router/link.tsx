import type { ComponentChildren, VNode } from 'preact'
import { hrefOf, navigate } from './location.ts'

interface LinkProps {
  /** Path below the console. */
  readonly to: string
  readonly class?: string
  readonly current?: boolean
  readonly children: ComponentChildren
}

/** A link within the console. With a modifier key it opens a window, as links do. */
export function Link({ to, class: className, current = false, children }: LinkProps): VNode {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(to)
  }
  return (
    <a href={hrefOf(to)} class={className} onClick={follow} aria-current={current ? 'page' : undefined}>
      {children}
    </a>
  )
}

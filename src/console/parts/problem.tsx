import type { VNode } from 'preact'

/** What went wrong with something that was set off; nothing when nothing did. */
export function Problem({ text }: { readonly text: string | undefined }): VNode | null {
  if (text === undefined) return null
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  )
}

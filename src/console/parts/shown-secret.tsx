import type { VNode } from 'preact'
import { CopyButton } from './copy-button.tsx'

interface ShownSecretProps {
  /** What it is, for whoever hears it. */
  readonly what: string
  readonly secret: string
}

/** A secret in full, to be copied. */
export function ShownSecret({ what, secret }: ShownSecretProps): VNode {
  return (
    <div class="row shown-secret">
      <p class="secret">
        <code class="breakable">{secret}</code>
      </p>
      <CopyButton what={what} read={() => secret} />
    </div>
  )
}

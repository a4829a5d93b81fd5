import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Section } from '../../parts/section.tsx'
import { useAction } from '../../parts/use-action.ts'
import type { OpenToken } from './token-context.ts'
import { useSecret } from './use-secret.ts'

const MASK = '••••••••••••••••'

/** The secret: hidden until somebody wants to see it, copied without being seen. */
export function Secret({ open }: { readonly open: OpenToken }): VNode | null {
  const { path, maySeeSecret, tag } = open
  const read = useSecret(path)
  const [shown, setShown] = useState<string>()
  const { run, isBusy, problem } = useAction()
  // Another version may have another secret.
  useEffect(() => setShown(undefined), [tag])
  if (!maySeeSecret) return null
  const toggle = (): void => {
    if (shown === undefined) void run(async () => setShown(await read()))
    else setShown(undefined)
  }
  return (
    <Section title="Secret">
      <p class="secret">
        <code class="breakable">{shown ?? MASK}</code>
      </p>
      <Problem text={problem} />
      <div class="row">
        <Button
          isBusy={isBusy}
          label={shown === undefined ? 'Show the secret' : 'Hide the secret'}
          onClick={toggle}
        >
          {shown === undefined ? 'Show' : 'Hide'}
        </Button>
        <CopyButton what="the secret" read={read} />
      </div>
    </Section>
  )
}

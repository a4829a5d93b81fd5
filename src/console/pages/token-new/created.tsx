import type { VNode } from 'preact'
import type { TokenJson } from '../../api/types.ts'
import { Button } from '../../parts/button.tsx'
import { Section } from '../../parts/section.tsx'
import { ShownSecret } from '../../parts/shown-secret.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { useSession } from '../../session/context.ts'
import { homeOf, homeTitle } from '../../words/places.ts'
import { tokenPagePath } from '../paths.ts'
import { SetUp } from '../token/set-up.tsx'

interface CreatedProps {
  /** With its secret, if that may be seen. */
  readonly token: TokenJson
  readonly onAnother: () => void
}

/** What to send to the customer of a new token. */
export function Created({ token, onAnother }: CreatedProps): VNode {
  const { rights } = useSession()
  const { owner, repo } = homeOf(token)
  const maySeeSecret = rights.can('tokens:secrets') && !/^\*+$/.test(token.token)
  const path = ['entitlements', owner, repo, token.slug_perm]
  return (
    <div class="stack">
      <Section title="Secret">
        <p>
          <UserText text={token.name} /> in {homeTitle(token)}
        </p>
        {maySeeSecret ? <ShownSecret what="the secret" secret={token.token} /> : null}
        <p class="hint">Send it to the customer by a way that nobody else reads.</p>
        <div class="row">
          <Link to={tokenPagePath(token)} class="button button-primary">
            Open the token
          </Link>
          <Button onClick={onAnother}>Make another one</Button>
        </div>
      </Section>
      <SetUp open={{ token, tag: undefined, path, reload: () => undefined, mayChange: true, maySeeSecret }} />
    </div>
  )
}

import type { VNode } from 'preact'
import { now } from '../../clock.ts'
import { Badge } from '../../parts/badge.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { homeTitle } from '../../words/places.ts'
import { describeState } from '../../words/state.ts'
import { Actions } from './actions.tsx'
import type { OpenToken } from './token-context.ts'

/** Which token it is, how it stands and why, and what can be done with it. */
export function TokenHead({ open }: { readonly open: OpenToken }): VNode {
  const { token } = open
  const { tone, title, sentence } = describeState(token, now())
  return (
    <>
      <div class="head">
        <div class="head-words">
          <h1>
            <UserText text={token.name} class="clip-lines" />
          </h1>
          <p class="muted">
            {homeTitle(token)} · <code>{token.slug_perm}</code>
          </p>
        </div>
        {open.mayChange ? <Actions open={open} /> : null}
      </div>
      <p class={`state state-${tone}`}>
        <Badge tone={tone} title={title} /> <span>{sentence}</span>
      </p>
    </>
  )
}

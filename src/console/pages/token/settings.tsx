import type { VNode } from 'preact'
import type { TokenJson } from '../../api/types.ts'
import { ExactInstant } from '../../parts/instant.tsx'
import { Facts, type ShownFact } from '../../parts/facts.tsx'
import { Section } from '../../parts/section.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { limitFacts } from '../../words/limits.ts'

/** What a token is set to. */
export function Settings({ token }: { readonly token: TokenJson }): VNode {
  const limits = limitFacts(token).map(({ title, words }) => ({ title, shown: <UserText text={words} /> }))
  return (
    <Section title="Settings">
      <Facts facts={[...limits, ...previousSecret(token), ...origin(token), ...metadata(token)]} />
    </Section>
  )
}

/** While two secrets work, the question is whether the old one is still in use. */
function previousSecret(token: TokenJson): readonly ShownFact[] {
  if (token.previous_secret_valid_until === null) return []
  return [
    { title: 'Old secret works until', shown: <ExactInstant at={token.previous_secret_valid_until} /> },
    { title: 'Old secret last used', shown: <ExactInstant at={token.previous_secret_last_used_at} /> },
    { title: 'New secret last used', shown: <ExactInstant at={token.secret_last_used_at} /> },
  ]
}

function origin(token: TokenJson): readonly ShownFact[] {
  const made = { title: 'Made', shown: <Moment at={token.created_at} by={token.created_by} /> }
  if (token.updated_at === null) return [made]
  return [made, { title: 'Changed', shown: <Moment at={token.updated_at} by={token.updated_by ?? ''} /> }]
}

function Moment({ at, by }: { readonly at: string; readonly by: string }): VNode {
  return (
    <>
      <ExactInstant at={at} /> by <UserText text={by} />
    </>
  )
}

function metadata({ metadata: given }: TokenJson): readonly ShownFact[] {
  if (given === null) return []
  return [{ title: 'Metadata', shown: <pre class="code">{JSON.stringify(given, null, 2)}</pre> }]
}

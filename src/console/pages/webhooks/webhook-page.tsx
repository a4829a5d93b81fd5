import type { VNode } from 'preact'
import type { WebhookJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { readVersion } from '../../api/version.ts'
import { useState } from 'preact/hooks'
import { Facts } from '../../parts/facts.tsx'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { withQuery } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import type { PageProps } from '../page.ts'
import { Deliveries } from './deliveries.tsx'
import { eventsWords } from './event-words.ts'
import { WebhookActions } from './webhook-actions.tsx'
import { WebhookState } from './webhook-table.tsx'

/** A webhook: what it sends where, and what became of that. */
export function WebhookPage({ params }: PageProps): VNode {
  useTitle('Webhook')
  const { api } = useSession()
  const { owner = '', id = '' } = params
  const path = ['webhooks', owner, id]
  const [round, setRound] = useState(0)
  const loaded = useLoad(path.join('/'), (signal) => readVersion<WebhookJson>(api, path, signal))
  return (
    <div class="page">
      <p class="crumbs">
        <Link to={withQuery('/webhooks', { owner })}>Webhooks</Link>
      </p>
      <LoadedPart of={loaded} what="the webhook">
        {(version) => (
          <div class="stack">
            <div class="head">
              <h1 class="head-words">
                <UserText text={version.item.target_url} class="clip-lines" />
              </h1>
              <WebhookActions
                owner={owner}
                version={version}
                onChanged={loaded.reload}
                onSent={() => setRound((count) => count + 1)}
              />
            </div>
            <Section title="Settings">
              <Facts facts={factsOf(version.item)} />
            </Section>
            <Deliveries path={path} round={round} />
          </div>
        )}
      </LoadedPart>
    </div>
  )
}

function factsOf({ is_active: isActive, events, repositories }: WebhookJson) {
  return [
    { title: 'State', shown: <WebhookState isActive={isActive} /> },
    { title: 'Events', shown: eventsWords(events) },
    { title: 'Repositories', shown: <UserText text={repositories?.join(', ') ?? 'all of the owner'} /> },
  ]
}

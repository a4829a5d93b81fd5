import type { VNode } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { WebhookJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/field.tsx'
import { LoadedPart } from '../../parts/section.tsx'
import { navigate, withQuery } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import { isWholeOwner, tokenPlaces } from '../../words/places.ts'
import type { PageProps } from '../page.ts'
import { NewWebhookDialog } from './new-webhook-dialog.tsx'
import { SecretDialog } from './secret-dialog.tsx'
import { WebhookTable } from './webhook-table.tsx'

/** Where Postern tells others what happens to tokens. */
export function WebhooksPage({ query }: PageProps): VNode {
  useTitle('Webhooks')
  const { repositories, rights } = useSession()
  const owners = useMemo(
    () =>
      tokenPlaces(repositories, rights)
        .filter(isWholeOwner)
        .map((place) => place.owner),
    [repositories, rights],
  )
  const owner = owners.find((each) => each === query.get('owner')) ?? owners[0]
  return (
    <div class="page">
      {owner === undefined ? (
        <>
          <h1>Webhooks</h1>
          <p>Webhooks belong to an owner, and your key covers no owner whole.</p>
        </>
      ) : (
        <Webhooks key={owner} owner={owner} owners={owners} />
      )}
    </div>
  )
}

interface WebhooksProps {
  readonly owner: string
  readonly owners: readonly string[]
}

function Webhooks({ owner, owners }: WebhooksProps): VNode {
  const { api } = useSession()
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<WebhookJson>()
  const loaded = useLoad(owner, async (signal) => {
    const { body } = await api({ path: ['webhooks', owner], signal })
    return body as readonly WebhookJson[]
  })
  const done = (webhook: WebhookJson): void => {
    setMaking(false)
    setMade(webhook)
    loaded.reload()
  }
  return (
    <>
      <div class="card-head">
        <h1>Webhooks</h1>
        <Button kind="primary" onClick={() => setMaking(true)}>
          New webhook
        </Button>
      </div>
      <div class="card">
        {owners.length > 1 ? (
          <Choice
            label="Owner"
            value={owner}
            options={owners.map((each) => [each, each])}
            onChange={(chosen) => navigate(withQuery('/webhooks', { owner: chosen }))}
          />
        ) : null}
        <LoadedPart of={loaded} what="webhooks">
          {(webhooks) =>
            webhooks.length === 0 ? (
              <p class="empty">
                There are none for {owner} yet. A webhook tells another program when a token is made, used up
                or about to end.
              </p>
            ) : (
              <WebhookTable owner={owner} webhooks={webhooks} />
            )
          }
        </LoadedPart>
      </div>
      {isMaking ? <NewWebhookDialog owner={owner} onDone={done} onClose={() => setMaking(false)} /> : null}
      {made?.secret === undefined ? null : (
        <SecretDialog secret={made.secret} onClose={() => setMade(undefined)} />
      )}
    </>
  )
}

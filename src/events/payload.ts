import { showChanges } from '../policy/shown-fields.ts'
import type { FieldChanges } from '../store/contract/audit.ts'
import type { EventDelivery, EventRecord } from '../store/contract/events.ts'

/** The body of a delivery: the event, and which attempt this is. */
export function renderPayload({ id, webhook, event, attempts }: EventDelivery): string {
  return JSON.stringify({
    id: event.id,
    type: event.type,
    created_at: new Date(event.at).toISOString(),
    owner: event.owner,
    repository: event.repo === '' ? null : `${event.owner}/${event.repo}`,
    token: event.token === null ? null : { slug_perm: event.token, name: event.tokenName },
    data: renderData(event),
    delivery: { id, webhook, attempt: attempts, is_retry: attempts > 1 },
  })
}

/** Changes get the names of the API, instants become text. */
function renderData({ data }: EventRecord): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => {
      if (name === 'changes') return [name, showChanges(value as FieldChanges)]
      if (name === 'hour' || name === 'expiresAt') {
        return [name === 'hour' ? name : 'expires_at', new Date(Number(value)).toISOString()]
      }
      return [name, value]
    }),
  )
}

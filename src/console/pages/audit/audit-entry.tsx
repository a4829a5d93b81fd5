import type { VNode } from 'preact'
import { WHOLE_OWNER } from '../../../policy/owner-level.ts'
import type { AuditJson } from '../../api/types.ts'
import { FieldChanges } from '../../parts/field-changes.tsx'
import { ExactInstant, Instant } from '../../parts/instant.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { buildPath } from '../../router/match.ts'
import { eventWords } from '../../words/changes.ts'

/** A line of the log: what, about what, by whom, and the fields that changed. */
export function AuditEntry({ entry }: { readonly entry: AuditJson }): VNode {
  const { actor, actor_ip_address: address, user_agent: program, event_at: at } = entry
  return (
    <li>
      <p>
        {eventWords(entry)} <About entry={entry} />
      </p>
      <p class="muted">
        <Instant at={at} /> (<ExactInstant at={at} />) by <UserText text={actor} />
        {address === null ? '' : ` from ${address}`}
        {program === null ? null : (
          <>
            {' '}
            with <UserText text={program} />
          </>
        )}
      </p>
      <FieldChanges entry={entry} />
    </li>
  )
}

function About({ entry }: { readonly entry: AuditJson }): VNode | null {
  const { object, object_slug_perm: id, target } = entry
  const name = object ?? id
  if (name === null) return target === null ? null : <span class="muted">{target}</span>
  const path = tokenPath(entry)
  const text = <UserText text={name} class="clip-inline" />
  return (
    <>
      {path === undefined ? <strong>{text}</strong> : <Link to={path}>{text}</Link>}
      {target === null ? null : <span class="muted"> in {target}</span>}
    </>
  )
}

/** The page of the token that it is about, as far as that may still be there. */
function tokenPath({
  event,
  object_kind: kind,
  object_slug_perm: id,
  target,
}: AuditJson): string | undefined {
  if (kind !== 'entitlement' || id === null || target === null) return undefined
  if (event === 'repo.entitlement.deleted') return undefined
  const [owner = '', repo = WHOLE_OWNER] = target.split('/')
  return buildPath('/tokens/:owner/:repo/:id', { owner, repo, id })
}

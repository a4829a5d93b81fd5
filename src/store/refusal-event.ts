import { isOwnerLevel } from '../policy/owner-level.ts'
import type { EventRecord, RefusalCount } from './contract/events.ts'

/** The event that tells of the refusals of an hour. Those that are counted later, when the hour was told of, make another one. */
export function refusalEvent(
  { hour, token, tokenName, owner, repo, reason, count }: RefusalCount,
  at: number,
): EventRecord {
  const id = `refused:${token}:${hour}:${reason}:${at}`
  const place = isOwnerLevel({ repo }) ? '' : repo
  const data = { reason, count, hour }
  return { id, type: 'downloads.refused', at, owner, repo: place, token, tokenName, data }
}

import type { EventRecord, RefusalCount } from './contract/events.ts'

/** The event that tells of the refusals of an hour. Those that are counted later, when the hour was told of, make another one. */
export function refusalEvent(
  { hour, token, tokenName, owner, repo, reason, count }: RefusalCount,
  at: number,
): EventRecord {
  const id = `refused:${token}:${hour}:${reason}:${at}`
  return { id, type: 'downloads.refused', at, owner, repo, token, tokenName, data: { reason, count, hour } }
}

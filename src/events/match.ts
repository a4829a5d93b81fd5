import { compileRepositoryGlobs } from '../policy/repositories.ts'
import type { EventRecord, Webhook } from '../store/contract/events.ts'

/** True when a webhook wants an event. Globs that can't be read match nothing. */
export function wants(webhook: Webhook, { type, owner, repo }: EventRecord): boolean {
  const { isActive, events, repositories } = webhook
  if (!isActive || webhook.owner !== owner) return false
  if (events !== null && !events.includes(type)) return false
  if (repositories === null) return true
  const globs = compileRepositoryGlobs(repositories)
  return globs.ok && globs.coversRepository(owner, repo)
}

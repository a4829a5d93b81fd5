import type { IncomingMessage } from 'node:http'
import type { Actor as RecordedActor } from '../policy/actor.ts'
import type { Actor } from './principal.ts'

/** Id of the key that is given in the environment and never stored. */
const ROOT_KEY = 'environment'
const LONGEST_USER_AGENT = 200

/** Who stands behind a request, as the audit log names them. */
export function recordedActor({ id, name, address }: Actor): RecordedActor {
  return { kind: id === ROOT_KEY ? 'root_key' : 'api_key', id, name, address }
}

/** What the client calls itself, cut to 200 characters. */
export function userAgentOf({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  return headers['user-agent']?.slice(0, LONGEST_USER_AGENT) ?? null
}

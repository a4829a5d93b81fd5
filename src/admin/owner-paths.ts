import type { RequestHandler } from 'express'
import { WHOLE_OWNER } from '../policy/owner-level.ts'
import type { AdminOptions } from './options.ts'

/** A ULID where a repository could stand, or a word that says what is done with all tokens. */
const OWNER_TOKEN =
  /^\/entitlements\/([^/?]+)\/([0-7][0-9A-HJKMNP-TV-Z]{25}(?=[/?]|$)|(?:bulk|export)(?=\/?(?:\?|$)))/

/**
 * Reads `/entitlements/OWNER/ID/…` as the same with `*` before the id: the path of a token that belongs to the owner; and likewise what is done
 * with all of them. Only an id has the form of an id; should a repository be configured that is called like one, or like one of the words, the
 * path means the repository, and the owner's tokens are reached by the longer path.
 */
export function createOwnerPaths(repositories: AdminOptions['repositories']): RequestHandler {
  return (request, _response, next) => {
    const [start, owner = '', id = ''] = OWNER_TOKEN.exec(request.url) ?? []
    if (start !== undefined && !repositories().has(`${owner}/${id}`)) {
      request.url = `/entitlements/${owner}/${WHOLE_OWNER}/${id}${request.url.slice(start.length)}`
    }
    next()
  }
}

import { EVERYWHERE } from '../policy/key-scope.ts'
import { WHOLE_OWNER } from '../policy/owner-level.ts'
import type { Capability } from '../policy/roles.ts'
import type { Answer } from './answer.ts'
import { forbidden, notFound } from './errors.ts'
import { isName } from './names.ts'
import type { Principal } from './principal.ts'

/**
 * What a request is about.
 * - `path`: the repository that the path names as `:owner` and `:repo`; all of the owner where that is WHOLE_OWNER.
 * - `owner`: all repositories of the owner that the path names as `:owner`.
 * - `body`: the one that the field `repository` names; all of them when it names none.
 * - `everywhere`: all of them, and Postern itself.
 * - `covered`: those that the principal covers; the operation passes over the others.
 */
type Where = 'path' | 'owner' | 'body' | 'everywhere' | 'covered'

/** What an operation asks of whoever wants it done. `any key`: that they are known. */
export type Needs = 'any key' | { readonly can: Capability; readonly where: Where }

interface Asked {
  readonly param: (name: string) => string
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * The answer to a principal who may not do what is asked; undefined: they may. Repositories that they do not cover are not there for them
 * (404), whatever their role; what they may see and not do is a 403.
 */
export function refuse(principal: Principal, needs: Needs, asked: Asked): Answer | undefined {
  if (needs === 'any key') return undefined
  if (needs.where === 'covered') return principal.can(needs.can) ? undefined : forbidden()
  const isOfOwner = needs.where === 'path' && asked.param('repo') === WHOLE_OWNER
  if (needs.where === 'owner' || isOfOwner) {
    // A name that can't be one is covered by nobody.
    const owner = asked.param('owner')
    if (!isName(owner) || !principal.coversGlobs([`${owner}/*`])) return notFound()
    return principal.can(needs.can) ? undefined : forbidden()
  }
  const place = placeOf(needs.where, asked)
  if (place !== undefined && !principal.coversRepository(...place)) return notFound()
  const covers = place !== undefined || principal.coversGlobs(EVERYWHERE)
  return covers && principal.can(needs.can) ? undefined : forbidden()
}

/** undefined: everywhere. */
function placeOf(where: Where, { param, body }: Asked): readonly [owner: string, repo: string] | undefined {
  if (where === 'path') return [param('owner'), param('repo')]
  const { repository } = body
  // Any other value is none, and asks for the most.
  if (where === 'everywhere' || typeof repository !== 'string') return undefined
  const slash = repository.indexOf('/')
  return [repository.slice(0, Math.max(0, slash)), repository.slice(slash + 1)]
}

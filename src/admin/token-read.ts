import type { StoredToken } from '../store/contract.ts'
import type { Answer } from './answer.ts'
import { invalid, notFound } from './errors.ts'
import type { AdminOptions } from './options.ts'
import { SLUG_PERM, type Place } from './places.ts'
import type { Call } from './routes.ts'
import { answerToken, isSet, readUsage } from './show.ts'

const PAGE_SIZE = 500

/** Shows the token with the slug_perm of the path or, if `fuzzy` is set and there is none, the one with that name. */
export async function readToken(options: AdminOptions, call: Call, place: Place): Promise<Answer> {
  const identifier = call.param('slug_perm')
  const { owner, repo } = place
  const byId = SLUG_PERM.test(identifier)
    ? await options.store.tokens.read(owner, repo, identifier)
    : undefined
  const found =
    byId === undefined && isSet(call.query('fuzzy')) ? await named(options, place, identifier) : []
  if (found.length > 1) return ambiguous(found.length)
  const token = byId ?? found[0]
  if (token === undefined) return notFound()
  const [usage] = await readUsage(options, [token])
  return answerToken(options, call, token, { usage })
}

/** All tokens of exactly this name: several may have it. */
async function named(
  { store, clock }: AdminOptions,
  { owner, repo }: Place,
  name: string,
): Promise<readonly StoredToken[]> {
  const found: StoredToken[] = []
  if (name.trim() === '') return found
  // A `*` in it finds others, too.
  const filter = { kind: 'name', pattern: `^${name}$` } as const
  const asked = { owner, repos: [repo], filter, order: 'name', descending: false, now: clock() } as const
  for (let page = 1; ; page++) {
    const { total, tokens } = await store.tokens.list({ ...asked, page, pageSize: PAGE_SIZE })
    found.push(...tokens.filter((token) => token.name === name))
    if (tokens.length === 0 || page * PAGE_SIZE >= total) return found
  }
}

function ambiguous(count: number): Answer {
  return invalid(new Map([['identifier', [`${count} tokens have this name: ask with a slug_perm.`]]]))
}

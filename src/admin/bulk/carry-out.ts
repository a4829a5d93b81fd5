import { generateSecret } from '../../policy/secret.ts'
import type { StoredToken } from '../../store/contract.ts'
import { digestsOf } from '../../store/stored-token.ts'
import type { AdminOptions } from '../options.ts'
import type { Place } from '../places.ts'
import type { Call } from '../routes.ts'
import { judge, type Scene, type Verdict } from './judge.ts'
import { fieldOf, type Wish } from './wishes.ts'

export interface BulkOptions {
  readonly isDryRun: boolean
  /** Rows that can be done are done, whatever becomes of the others. */
  readonly isPartial: boolean
}

/** So many rows are written in one step where each stands for itself: others need not wait long for the store. */
const ROWS_AT_ONCE = 100

/** Does what the rows want, all of it or nothing; or, if it is `isPartial`, what can be done. Gives what became of each row. */
export async function carryOut(
  options: AdminOptions,
  call: Call,
  place: Place,
  wishes: readonly Wish[],
  { isDryRun, isPartial }: BulkOptions,
): Promise<readonly Verdict[]> {
  const all: Verdict[] = []
  const done = new Map<string, number>()
  const step = isPartial && !isDryRun ? ROWS_AT_ONCE : wishes.length
  for (let from = 0; from < wishes.length; from += step) {
    const some = wishes.slice(from, from + step)
    const verdicts = await carryOutSome(options, call, place, some, done, (judged) => {
      const isStopped = isDryRun || (!isPartial && judged.some(({ result }) => result === 'failed'))
      return isStopped ? [] : judged.flatMap(({ planned }) => planned ?? [])
    })
    for (const { token, row } of verdicts) if (token !== undefined) done.set(token.slugPerm, row)
    all.push(...verdicts)
  }
  return all
}

/** `done`: which rows were about which tokens before. */
async function carryOutSome(
  options: AdminOptions,
  call: Call,
  place: Place,
  wishes: readonly Wish[],
  done: ReadonlyMap<string, number>,
  choose: (verdicts: readonly Verdict[]) => readonly NonNullable<Verdict['planned']>[],
): Promise<readonly Verdict[]> {
  const secrets = createSecrets(options, wishes)
  const sound = wishes.filter(({ errors }) => errors.size === 0)
  const valuesOf = (by: Wish['key']['by']): string[] =>
    sound.flatMap(({ key }) => (key.by === by ? [key.value] : []))
  let verdicts: readonly Verdict[] = []
  await options.store.tokens.batch({
    ...place,
    at: options.clock(),
    about: {
      slugPerms: valuesOf('slug_perm'),
      names: valuesOf('name'),
      digests: [...new Set([...sound.flatMap(({ digest }) => digest ?? []), ...secrets.digests])],
    },
    plan: (found) => {
      const scene = { options, call, place, secretFor: secrets.of, ...index(found, place) }
      verdicts = eachOnce(
        wishes.map((wish) => judge(scene, wish)),
        wishes,
        done,
      )
      return choose(verdicts)
    },
  })
  return verdicts
}

/** Secrets for the rows that may make a token and name none. */
function createSecrets({ randomInt, keeper }: AdminOptions, wishes: readonly Wish[]) {
  const made = new Map(
    wishes.flatMap((wish) => {
      const makes = wish.action === 'upsert' || wish.action === 'create' || wish.action === 'ensure'
      const isNeeded = makes && wish.key.by !== 'slug_perm' && wish.digest === undefined
      return isNeeded ? [[wish, generateSecret(randomInt)] as const] : []
    }),
  )
  const of = (wish: Wish): string => {
    const secret = made.get(wish)
    if (secret === undefined) throw new Error('a row for which no secret was made')
    return secret
  }
  return { of, digests: [...made.values()].map(keeper.digest) }
}

function index(found: readonly StoredToken[], { repo }: Place): Pick<Scene, 'lookUp' | 'holderOf'> {
  const own = found.filter((token) => token.repo === repo)
  const byId = new Map(own.map((token) => [token.slugPerm, token]))
  const byName = Map.groupBy(own, ({ name }) => name)
  const byDigest = new Map(own.map((token) => [token.digest, token]))
  const holders = new Map(found.flatMap((token) => digestsOf(token).map((digest) => [digest, token])))
  const one = (token: StoredToken | undefined): readonly StoredToken[] => (token === undefined ? [] : [token])
  return {
    lookUp: ({ by, value }) => {
      if (by === 'name') return byName.get(value) ?? []
      return one((by === 'slug_perm' ? byId : byDigest).get(value))
    },
    holderOf: (digest) => holders.get(digest),
  }
}

/** Two rows may be about the same token, one by its id and one by its name: the second can't be done. */
function eachOnce(
  verdicts: readonly Verdict[],
  wishes: readonly Wish[],
  done: ReadonlyMap<string, number>,
): readonly Verdict[] {
  const seen = new Map(done)
  return verdicts.map((verdict, at) => {
    const { token, row, line } = verdict
    const wish = wishes[at]
    if (token === undefined || wish === undefined) return verdict
    const first = seen.get(token.slugPerm)
    if (first === undefined) {
      seen.set(token.slugPerm, row)
      return verdict
    }
    const errors = new Map([[fieldOf(wish.key), [`Row ${first} is about the same token.`]]])
    return { row, line, result: 'failed', token: undefined, changes: [], errors, planned: undefined }
  })
}

import { decodeUsage, encodeFacts, factsOf } from '../../policy/search/facts.ts'
import type { StoredToken } from '../contract.ts'
import { differences, isLexical, placesOf, type Placed } from '../search/sets.ts'
import { slotsOfMetadata, slotsOfToken } from '../search/slots.ts'
import type { Commands } from './commands.ts'
import type { Keys } from './keys.ts'
import type { Write } from './writes.ts'

/** What searches know of a token so far. */
export interface Indexed {
  readonly number: string
  readonly usage: string | null
}

/** Reads it of each token; undefined: it can't be searched yet. */
export async function readIndexed(
  { readFields }: Pick<Commands, 'readFields'>,
  { search }: Keys,
  slugPerms: readonly string[],
): Promise<readonly (Indexed | undefined)[]> {
  const [facts, usage] = await Promise.all([
    readFields(search.facts, slugPerms),
    readFields(search.usage, slugPerms),
  ])
  return facts.map((text, at) =>
    text === null ? undefined : { number: text.slice(0, text.indexOf(' ')), usage: usage[at] ?? null },
  )
}

/** A number that no token has. Where the token is not stored after all, it is lost, which costs 160 bytes. */
export async function takeNumber(
  { takeFirst, increment }: Pick<Commands, 'takeFirst' | 'increment'>,
  { search }: Keys,
): Promise<string> {
  return (await takeFirst(search.freeNumbers)) ?? String(await increment(search.lastNumber))
}

/**
 * What keeps searches true when a token changes; undefined: there was none, or is none any more. `number`: the token's, or a free one.
 */
export function indexWrites(
  keys: Keys,
  before: StoredToken | undefined,
  after: StoredToken | undefined,
  { indexed, number }: { readonly indexed: Indexed | undefined; readonly number: string },
): readonly Write[] {
  const id = (after ?? before)?.slugPerm ?? ''
  const { search } = keys
  return [
    ...moves(keys, id, before, after, indexed),
    ...bitChanges(keys, number, before, after, indexed !== undefined),
    ...(after === undefined
      ? ([
          ['HDEL', search.facts, id],
          ['HDEL', search.usage, id],
          ['HDEL', search.numbers, number],
          ['ZREM', search.due, id],
          ['RPUSH', search.freeNumbers, number],
        ] as const)
      : ([
          ['HSET', search.facts, id, `${number} ${encodeFacts(factsOf(after))}`],
          ['HSET', search.numbers, number, id],
          // Its period may be another one now; and nothing may be known of its use.
          ...(before === undefined ? [] : [['ZADD', search.due, '0', id] as const]),
        ] as const)),
  ]
}

/** The bits of a token's metadata, which an earlier version did not write. */
export function pairBits({ search }: Keys, number: string, { metadata }: StoredToken): readonly Write[] {
  return [...slotsOfMetadata(metadata)].map((slot) => ['SETBIT', search.bits(slot), number, '1'])
}

function moves(
  keys: Keys,
  id: string,
  before: StoredToken | undefined,
  after: StoredToken | undefined,
  indexed: Indexed | undefined,
): readonly Write[] {
  const used = decodeUsage(indexed?.usage)
  const places = (token: StoredToken | undefined): readonly Placed[] =>
    token === undefined ? [] : placesOf(token, factsOf(token), used)
  const { gone, come } = differences(places(before), places(after))
  // Of one that is not known to be anywhere everything is written.
  const added = indexed === undefined ? places(after) : come
  return [...gone.map((each) => removal(keys, each, id)), ...added.map((each) => addition(keys, each, id))]
}

export function addition({ search }: Keys, { set, value }: Placed, id: string): Write {
  const key = search.set(set)
  return isLexical(set.kind) ? ['ZADD', key, '0', `${value}\0${id}`] : ['ZADD', key, String(value), id]
}

export function removal({ search }: Keys, { set, value }: Placed, id: string): Write {
  return ['ZREM', search.set(set), isLexical(set.kind) ? `${value}\0${id}` : id]
}

function bitChanges(
  { search }: Keys,
  number: string,
  before: StoredToken | undefined,
  after: StoredToken | undefined,
  isIndexed: boolean,
): readonly Write[] {
  const old = isIndexed && before !== undefined ? slotsOfToken(before) : new Set<number>()
  const next = after === undefined ? new Set<number>() : slotsOfToken(after)
  const write =
    (bit: '0' | '1') =>
    (slot: number): Write => ['SETBIT', search.bits(slot), number, bit]
  return [...[...old.difference(next)].map(write('0')), ...[...next.difference(old)].map(write('1'))]
}

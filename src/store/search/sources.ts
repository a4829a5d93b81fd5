import type { TokenFilter, TokenTerm } from '../../policy/search/filter.ts'
import { pairKey } from '../../policy/search/metadata.ts'
import type { TokenQuery } from '../contract.ts'
import { inGroups } from '../slices.ts'
import type { Known, Part, SearchIndex } from './contract.ts'
import { exactParts, widerParts } from './parts.ts'
import { mergeParts } from './merge.ts'
import { idsOf } from './page.ts'
import { numbersInAll, slotsOfPair } from './slots.ts'
import { slotsOfPattern } from './trigrams.ts'

/** Tokens that may fit: their ids, or what is known of them already. */
type Candidates =
  | { readonly ids: readonly string[]; readonly known?: never }
  | { readonly known: readonly Known[]; readonly ids?: never }

/** Tokens among which are all that a filter wants. */
export interface Source {
  /** How many they are at most. */
  readonly upper: number
  /** They, some at a time, and some of them twice; may be called where `upper` is within the bounds of the search. */
  readonly fetch: () => AsyncIterable<Candidates>
  /** Holds for each of them, so that nobody need look. */
  readonly proven?: TokenTerm
}

type Context = Pick<TokenQuery, 'owner' | 'repos' | 'now'> & {
  readonly index: SearchIndex
  readonly bounds: { readonly mostCandidates: number }
}

/** What is found by slots.ts. */
type TermWithBits = Extract<TokenTerm, { readonly kind: 'name' | 'word' | 'metadata' }>

/** Numbers that are read in one call. */
const AT_ONCE = 500
/** A slug_perm, possibly. */
const ID = /^[-A-Za-z0-9_]{8,64}$/

/** The smallest source of a filter; undefined: there is none but everything. */
export async function findSource(context: Context, filter: TokenFilter): Promise<Source | undefined> {
  switch (filter.kind) {
    case 'and':
      return findSmallest(context, filter.parts)
    case 'or':
      return findUnion(context, filter.parts)
    case 'not':
      return undefined
    case 'name':
    case 'word':
      return findByBits(context, [filter])
    case 'identifier':
      return { upper: 1, fetch: () => only([filter.slugPerm]) }
    default: {
      const parts = exactParts(context, filter) ?? widerParts(context, filter, context.now)
      return parts && fromParts(context, parts, filter)
    }
  }
}

async function findSmallest(context: Context, parts: readonly TokenFilter[]): Promise<Source | undefined> {
  const names = parts.filter((part) => part.kind === 'name' || part.kind === 'word')
  const pairs = parts.filter((part) => part.kind === 'metadata')
  const others = parts.filter((part) => part.kind !== 'name' && part.kind !== 'word')
  // One pair alone has a set that is exact.
  const areTogether =
    names.length + pairs.length > 1 && pairs.length > 0 && (await context.index.knowsPairs())
  const sources = await Promise.all([
    findByBits(context, areTogether ? [...names, ...pairs] : names),
    ...others.map((part) => findSource(context, part)),
  ])
  const found = sources.filter((source) => source !== undefined)
  return found.toSorted((a, b) => a.upper - b.upper)[0]
}

async function findUnion(context: Context, parts: readonly TokenFilter[]): Promise<Source | undefined> {
  const sources = await Promise.all(parts.map((part) => findSource(context, part)))
  const found = sources.filter((source) => source !== undefined)
  if (found.length < parts.length) return undefined
  return {
    upper: found.reduce((sum, { upper }) => sum + upper, 0),
    fetch: async function* () {
      for (const { fetch } of found) yield* fetch()
    },
  }
}

/** What all of the terms may fit. A word may also be the id of a token. */
async function findByBits(
  { index, bounds }: Context,
  terms: readonly TermWithBits[],
): Promise<Source | undefined> {
  const slots = [...new Set(terms.flatMap(slotsOfTerm))]
  if (slots.length === 0) return undefined
  const { count, numbers } = numbersInAll(await index.bits(slots), bounds.mostCandidates)
  const ids = terms.flatMap((term) => (term.kind === 'word' && ID.test(term.pattern) ? [term.pattern] : []))
  return {
    upper: count + ids.length,
    fetch: async function* () {
      for (const some of inGroups(numbers, AT_ONCE)) {
        yield { known: await index.factsOf(some) }
      }
      yield* only(ids)
    },
  }
}

async function* only(ids: readonly string[]): AsyncGenerator<Candidates> {
  yield { ids }
}

function slotsOfTerm(term: TermWithBits): readonly number[] {
  return term.kind === 'metadata' ? slotsOfPair(pairKey(term.path, term.value)) : slotsOfPattern(term.pattern)
}

async function fromParts({ index }: Context, parts: readonly Part[], proven: TokenTerm): Promise<Source> {
  const counts = await index.count(parts)
  const fetch = async function* (): AsyncGenerator<Candidates> {
    for await (const batch of mergeParts(index, parts, false)) yield { ids: idsOf(batch) }
  }
  const upper = counts.reduce((sum, count) => sum + count, 0)
  return proven.kind === 'state' ? { upper, fetch } : { upper, fetch, proven }
}

import type { Figure, TokenFilter, TokenOrder, TokenTerm } from '../../policy/search/filter.ts'
import { pairKey } from '../../policy/search/metadata.ts'
import type { TokenQuery } from '../contract.ts'
import type { Part } from './contract.ts'
import { metadataOf, NO_END, type SetKind } from './sets.ts'

type Scope = Pick<TokenQuery, 'owner' | 'repos'>
type Range = Pick<Part, 'least' | 'most'>

const ORDERS: Readonly<Record<TokenOrder, SetKind>> = {
  name: 'names',
  created: 'created',
  expires: 'expires',
  downloads: 'downloads',
  last_used: 'used',
}

const FIGURES: Readonly<Partial<Record<Figure, SetKind>>> = {
  created: 'created',
  expires: 'expires',
  downloads: 'downloads',
  last_used: 'used',
  limit_date_from: 'from',
}

/** The value that stands for none, where there is one. */
const ABSENT: Readonly<Partial<Record<Figure, number>>> = { expires: NO_END, last_used: 0 }

/** All tokens of the scope in their order, a part for each repository. */
export function partsOfOrder(scope: Scope, order: TokenOrder): readonly Part[] {
  return inEach(scope, ORDERS[order], {})
}

/** True when the parts lie in that order. */
export function isOrderedBy(parts: readonly Part[], order: TokenOrder): boolean {
  const kind = parts[0]?.set.kind
  return order === 'name' ? kind === 'active' || kind === 'disabled' : kind === ORDERS[order]
}

/** What holds the tokens for which a term holds, and no others; undefined: nothing does. */
export function exactParts(scope: Scope, filter: TokenFilter): readonly Part[] | undefined {
  switch (filter.kind) {
    case 'active':
      return inEach(scope, filter.isActive ? 'active' : 'disabled', {})
    case 'state':
      return filter.state === 'disabled' ? inEach(scope, 'disabled', {}) : undefined
    case 'figure':
      return figureParts(scope, filter.figure, filter)
    case 'absent': {
      const value = ABSENT[filter.figure]
      return value === undefined
        ? undefined
        : figureParts(scope, filter.figure, { least: value, most: value })
    }
    default:
      return undefined
  }
}

/** What holds the tokens for which a term holds, and others; undefined: nothing that is smaller than everything. */
export function widerParts(scope: Scope, term: TokenTerm, now: number): readonly Part[] | undefined {
  if (term.kind === 'metadata') {
    return [{ set: metadataOf(scope.owner), text: pairKey(term.path, term.value) }]
  }
  if (term.kind !== 'state') return undefined
  switch (term.state) {
    case 'active':
      return inEach(scope, 'active', {})
    case 'expired':
      return inEach(scope, 'expires', { most: now })
    case 'not_yet_valid':
      return inEach(scope, 'from', { least: now + 1 })
    case 'used_up':
      return inEach(scope, 'share', { least: 1 })
    case 'disabled':
      return undefined
  }
}

function figureParts(scope: Scope, figure: Figure, { least, most }: Range): readonly Part[] | undefined {
  const kind = FIGURES[figure]
  if (kind === undefined) return undefined
  return inEach(scope, kind, {
    ...(least === undefined ? {} : { least }),
    ...(most === undefined ? {} : { most }),
  })
}

function inEach({ owner, repos }: Scope, kind: SetKind, range: Range): readonly Part[] {
  return repos.map((repo) => ({ set: { kind, owner, repo }, ...range }))
}

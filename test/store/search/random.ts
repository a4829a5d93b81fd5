import {
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  letrec,
  oneof,
  option,
  record,
  subarray,
  type Arbitrary,
} from 'fast-check'
import { WHOLE_OWNER } from '../../../src/policy/owner-level.ts'
import {
  TOKEN_ORDERS,
  TOKEN_STATES,
  type Figure,
  type TokenFilter,
} from '../../../src/policy/search/filter.ts'
import type { StoredToken, TokenQuery } from '../../../src/store/contract.ts'
import { DAY_MS, NOW } from '../conformance/fixtures.ts'

/** Few enough that names, dates and numbers meet. */
export const REPOS: readonly string[] = ['deb', 'js', WHOLE_OWNER]
const NAMES = [
  'Alpha',
  'alphabet',
  'ALPHA Ltd',
  'bravo',
  'brÄvo',
  'Zulu 1',
  'Zulu 12',
  '\u{1F600} tools',
  '\uFFFD co',
  'x',
]
const PATTERNS = ['alpha', '^alpha', 'lpha$', 'zulu', 'zulu*2', 'x', 'ä', 'tools', '12', 'nothing', '*']
const INSTANTS = [NOW - 400 * DAY_MS, NOW - 2 * DAY_MS, NOW - 1, NOW, NOW + 1, NOW + 30 * DAY_MS]
const COUNTS = [0, 1, 5, 10]
const FIGURES: readonly Figure[] = [
  'downloads',
  'clients',
  'created',
  'expires',
  'last_used',
  'limit_date_from',
  'limit_date_to',
]

/** What tokens are made of, and how often each was used. */
export const anyToken: Arbitrary<{ readonly fields: Partial<StoredToken>; readonly downloads: number }> =
  record({
    fields: record({
      owner: constant('acme'),
      repo: constantFrom(...REPOS),
      name: constantFrom(...NAMES),
      isActive: boolean(),
      createdAt: constantFrom(...INSTANTS),
      validFrom: constantFrom(null, ...INSTANTS),
      validUntil: constantFrom(null, ...INSTANTS),
      limitDownloads: constantFrom(null, ...COUNTS),
      metadata: constantFrom(null, { id: 7 }, { id: 8, tags: ['a', 'b'] }, { customer: { id: 7 } }),
    }),
    downloads: constantFrom(...COUNTS),
  })

const anyTerm: Arbitrary<TokenFilter> = oneof(
  record({
    kind: constantFrom('name' as const, 'word' as const),
    pattern: constantFrom(...PATTERNS),
  }),
  record({ kind: constant('active' as const), isActive: boolean() }),
  record({ kind: constant('state' as const), state: constantFrom(...TOKEN_STATES) }),
  record({ kind: constant('repository' as const), repo: constantFrom(...REPOS) }),
  record({
    kind: constant('figure' as const),
    figure: constantFrom(...FIGURES),
    least: constantFrom(1, 5, ...INSTANTS),
    most: constantFrom(5, 10, ...INSTANTS, Number.MAX_SAFE_INTEGER - 1),
  }),
  record({
    kind: constant('absent' as const),
    figure: constantFrom('expires' as const, 'last_used' as const, 'limit_date_from' as const),
  }),
  record({
    kind: constant('metadata' as const),
    path: constantFrom('id', 'tags', 'customer.id'),
    value: constantFrom('7', '8', 'b'),
  }),
)

const { filter: anyFilter } = letrec<{ filter: TokenFilter }>((tie) => ({
  filter: oneof(
    { maxDepth: 3, withCrossShrink: true },
    anyTerm,
    record({
      kind: constantFrom('and' as const, 'or' as const),
      parts: array(tie('filter'), { minLength: 2, maxLength: 3 }),
    }),
    record({ kind: constant('not' as const), part: tie('filter') }),
  ),
}))

export const anyQuery: Arbitrary<TokenQuery> = record({
  owner: constant('acme'),
  repos: subarray([...REPOS], { minLength: 1 }),
  page: integer({ min: 1, max: 4 }),
  pageSize: constantFrom(1, 3, 100),
  filter: option(anyFilter, { freq: 6 }),
  order: constantFrom(...TOKEN_ORDERS),
  descending: boolean(),
  now: constant(NOW),
})

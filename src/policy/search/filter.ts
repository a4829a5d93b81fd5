/** In one word what a customer with the token would notice first; see `stateOf`. */
export const TOKEN_STATES = ['active', 'disabled', 'expired', 'not_yet_valid', 'used_up'] as const

export type TokenState = (typeof TOKEN_STATES)[number]

/** What tokens can be listed by. */
export const TOKEN_ORDERS = ['name', 'created', 'expires', 'downloads', 'last_used'] as const

export type TokenOrder = (typeof TOKEN_ORDERS)[number]

/** Counts, bytes and instants (epoch ms) that a search compares. All are whole numbers. */
export type Figure =
  | 'downloads'
  | 'clients'
  | 'bandwidth_usage'
  | 'bandwidth_limit'
  | 'created'
  | 'expires'
  | 'last_used'
  | 'last_reset'
  | 'limit_date_from'
  | 'limit_date_to'

/** What one term of a search asks. Patterns are those of query/pattern.ts. */
export type TokenTerm =
  | { readonly kind: 'name'; readonly pattern: string }
  /** Without a field: a part of the name, or the whole slug_perm. */
  | { readonly kind: 'word'; readonly pattern: string }
  | { readonly kind: 'identifier'; readonly slugPerm: string }
  /** By its whole name; `*`: it belongs to the owner. */
  | { readonly kind: 'repository'; readonly repo: string }
  | { readonly kind: 'active'; readonly isActive: boolean }
  | { readonly kind: 'state'; readonly state: TokenState }
  /** Both bounds belong to it. What has no such figure is in no range. */
  | { readonly kind: 'figure'; readonly figure: Figure; readonly least: number; readonly most: number }
  | { readonly kind: 'absent'; readonly figure: Figure }
  /** `path`: keys with dots between them; see metadata.ts. */
  | { readonly kind: 'metadata'; readonly path: string; readonly value: string }

/** Which tokens to list, as plain data. */
export type TokenFilter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly TokenFilter[] }
  | { readonly kind: 'not'; readonly part: TokenFilter }
  | TokenTerm

/** All terms of a filter. */
export function termsOf(filter: TokenFilter): readonly TokenTerm[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.parts.flatMap(termsOf)
    case 'not':
      return termsOf(filter.part)
    default:
      return [filter]
  }
}

/** What a filter asks for all of. */
export function conjunctsOf(filter: TokenFilter): readonly TokenFilter[] {
  return filter.kind === 'and' ? filter.parts.flatMap(conjunctsOf) : [filter]
}

/** The same conjuncts, with one range for each figure. */
export function joinRanges(parts: readonly TokenFilter[]): readonly TokenFilter[] {
  const ranges = new Map<Figure, Extract<TokenTerm, { readonly kind: 'figure' }>>()
  const others: TokenFilter[] = []
  for (const part of parts) {
    if (part.kind !== 'figure') {
      others.push(part)
      continue
    }
    const { least = part.least, most = part.most } = ranges.get(part.figure) ?? {}
    ranges.set(part.figure, { ...part, least: Math.max(least, part.least), most: Math.min(most, part.most) })
  }
  return [...others, ...ranges.values()]
}

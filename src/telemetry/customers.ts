import type { ObservedToken, Outcome } from './observation.ts'
import { isTokenRefusal } from './outcome-class.ts'

/** What one customer did in one repository since the process started. */
export interface CustomerFigures {
  readonly repository: string
  /** slug_perm; `none` without a token, `other` for those beyond the cap. */
  readonly token: string
  readonly name: string
  readonly downloads: number
  readonly bytes: number
  /** Refusals that are about the token, by code. */
  readonly refusals: ReadonlyMap<Outcome, number>
}

/** Figures by customer, for at most so many customers. */
export interface Customers {
  /** `downloads` and `bytes` are finite and not negative. */
  readonly add: (
    token: ObservedToken | null,
    repository: string,
    outcome: Outcome,
    downloads: number,
    bytes: number,
  ) => void
  /** A set for each customer and repository with traffic; a customer stands there under its latest name only. */
  readonly all: () => IterableIterator<CustomerFigures>
}

interface Figures {
  downloads: number
  bytes: number
  readonly refusals: Map<Outcome, number>
}

interface Customer {
  readonly token: string
  name: string
  readonly repositories: Map<string, Figures>
}

/**
 * Adds up figures of the first `maxCustomers` tokens that come along, each on its own, and of all further ones together. Whoever has
 * a place keeps it, so that no counter ever goes back. Traffic without a token takes no place.
 */
export function createCustomers(maxCustomers: number): Customers {
  const known = new Map<string, Customer>()
  const nobody = createCustomer('none', 'none')
  const others = createCustomer('other', 'other')

  const customerOf = (token: ObservedToken | null): Customer => {
    if (token === null) return nobody
    const customer = known.get(token.slugPerm)
    if (customer !== undefined) return renamed(customer, token.name)
    if (known.size >= maxCustomers) return others
    const added = createCustomer(token.slugPerm, token.name)
    known.set(token.slugPerm, added)
    return added
  }

  return {
    add: (token, repository, outcome, downloads, bytes) => {
      const figures = figuresOf(customerOf(token), repository)
      figures.downloads += downloads
      figures.bytes += bytes
      if (token === null || !isTokenRefusal(outcome)) return
      figures.refusals.set(outcome, (figures.refusals.get(outcome) ?? 0) + 1)
    },
    all: function* all() {
      for (const customer of [nobody, ...known.values(), others]) yield* figuresIn(customer)
    },
  }
}

function createCustomer(token: string, name: string): Customer {
  return { token, name, repositories: new Map() }
}

function renamed(customer: Customer, name: string): Customer {
  if (customer.name !== name) customer.name = name
  return customer
}

function figuresOf({ repositories }: Customer, repository: string): Figures {
  const found = repositories.get(repository)
  if (found !== undefined) return found
  const figures: Figures = { downloads: 0, bytes: 0, refusals: new Map() }
  repositories.set(repository, figures)
  return figures
}

function* figuresIn({ token, name, repositories }: Customer): IterableIterator<CustomerFigures> {
  for (const [repository, figures] of repositories) yield { repository, token, name, ...figures }
}

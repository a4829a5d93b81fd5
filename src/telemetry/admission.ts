export type Labels = Readonly<Record<string, string | number>>

/** Which customers have series of their own when the figures of several processes are summed, and under which name. */
export interface Admission {
  /** The labels that one process uses at the moment. */
  readonly note: (source: string, labels: Iterable<Labels>) => void
  readonly forget: (source: string) => void
  /** The labels under which a series is summed up. A series never changes over from one customer to another. */
  readonly place: (labels: Labels) => Labels
}

/** Not customers: figures without a token, and of those who have no place in the process itself. */
const NO_CUSTOMERS: ReadonlySet<string | number> = new Set(['none', 'other'])

/**
 * Each process has a bound of its own, and together they may know more customers than that: the first ones get the places here,
 * too, and keep them. A customer was renamed when a process calls it otherwise than before; the newest name is for all its series.
 */
export function createAdmission(maxCustomers: number): Admission {
  const names = new Map<string | number, string | number>()
  const bySource = new Map<string, Map<string | number, string | number>>()

  const noteOne = (
    token: string | number,
    name: string | number,
    before: string | number | undefined,
  ): void => {
    const isNews = name !== before
    if (names.has(token) ? isNews : names.size < maxCustomers) names.set(token, name)
  }
  return {
    note: (source, all) => {
      const before = bySource.get(source)
      const now = new Map<string | number, string | number>()
      for (const { token, name } of all) {
        if (token === undefined || name === undefined || NO_CUSTOMERS.has(token) || now.has(token)) continue
        now.set(token, name)
        noteOne(token, name, before?.get(token))
      }
      bySource.set(source, now)
    },
    forget: (source) => void bySource.delete(source),
    place: (labels) => {
      const { token, name } = labels
      if (token === undefined || name === undefined || NO_CUSTOMERS.has(token)) return labels
      const known = names.get(token)
      if (known === name) return labels
      return { ...labels, token: known === undefined ? 'other' : token, name: known ?? 'other' }
    },
  }
}

/** The last so many that were added. */
export interface Seen {
  readonly add: (id: string) => void
  readonly has: (id: string) => boolean
}

export function createSeen(most: number): Seen {
  // A Set keeps the order of insertion.
  const ids = new Set<string>()
  return {
    add: (id) => {
      ids.add(id)
      if (ids.size > most) ids.delete(ids.values().next().value ?? id)
    },
    has: (id) => ids.has(id),
  }
}

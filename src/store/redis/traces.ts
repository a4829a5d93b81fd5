/** What one call leaves behind. */
export interface Trace {
  /** Key of the hash with what calls of this process left. */
  readonly key: string
  /** Field of this call. */
  readonly name: string
  /** Fields that nobody will ask for again. */
  readonly forgotten: readonly string[]
  /** The answer came. */
  readonly answered: () => void
}

/**
 * What is settled as it is charged can't be found again by its id. So each call that charges some leaves a trace: which of its deliveries
 * they were. The next call whose answer comes takes it away; when no answer comes, it tells what is to be given back.
 */
export interface Traces {
  readonly key: string
  readonly begin: () => Trace
  /** Nobody will ask for this field again. */
  readonly forget: (name: string) => void
}

/** More than this at once would make a call long; the others are taken along by the next. */
const MOST_FORGOTTEN = 200

export function createTraces(key: string): Traces {
  const known = new Set<string>()
  let count = 0
  return {
    key,
    begin: () => {
      const name = String((count += 1))
      const forgotten = [...known.values().take(MOST_FORGOTTEN)]
      const answered = (): void => {
        for (const each of forgotten) known.delete(each)
        known.add(name)
      }
      return { key, name, forgotten, answered }
    },
    forget: (name) => void known.add(name),
  }
}

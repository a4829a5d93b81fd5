/** Longer questions are not remembered: clients make them up. */
const LONGEST_KEY = 128

/**
 * Remembers the answers of a function of one or two texts. At most `most` of them: when it is full, everything is forgotten, which costs
 * little and can't be made to cost more.
 */
export function memoize<Rest extends readonly [second?: string | undefined], Result>(
  compute: (first: string, ...rest: Rest) => Result,
  most: number,
): (first: string, ...rest: Rest) => Result {
  const known = new Map<string, Result>()
  return (first, ...rest) => {
    const [second] = rest
    const key = second === undefined ? first : `${first} ${second}`
    const found = known.get(key)
    if (found !== undefined) return found
    if (key.length > LONGEST_KEY) return compute(first, ...rest)
    if (known.size >= most) known.clear()
    const result = compute(first, ...rest)
    known.set(key, result)
    return result
  }
}

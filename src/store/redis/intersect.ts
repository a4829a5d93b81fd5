import type { Scripts } from './scripts.ts'

/** So that no script keeps a server for more than about a millisecond. */
const WALKED_AT_ONCE = 1_000

/** Of a sorted set `size` members from `rank` on, counted from 0 at the highest; without a size all that follow. */
export interface Part {
  readonly set: string
  readonly rank: number
  readonly size?: number
}

/**
 * Members of the part that are in all other sets, too, highest first. Goes through the part, some at a time. What is added meanwhile shifts
 * the ranks: nothing comes twice.
 */
export async function intersect(
  { walk }: Pick<Scripts, 'walk'>,
  { set, rank, size = Infinity }: Part,
  others: readonly string[],
): Promise<readonly string[]> {
  const found = new Set<string>()
  for (let passed = 0; passed < size; passed += WALKED_AT_ONCE) {
    const last = Math.min(passed + WALKED_AT_ONCE, size) - 1
    const [seen, ...ids] = await walk([set, ...others], [rank + passed, rank + last])
    for (const id of ids) found.add(id)
    if (seen < WALKED_AT_ONCE) break
  }
  return [...found]
}

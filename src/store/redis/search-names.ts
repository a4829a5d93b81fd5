import type { Commands } from './commands.ts'

/** Names that are read at once. */
const CHUNK = 2_000

/**
 * Ids of the tokens whose name holds `search` in any case, or whose whole id it is, in the order of `key`: a sorted set of "name\0id". Goes
 * through all names, some at a time, so that the server is never kept for long.
 */
export async function searchNames(
  { readMembers }: Pick<Commands, 'readMembers'>,
  key: string,
  search: string,
  isDescending: boolean,
): Promise<readonly string[]> {
  const wanted = search.toLowerCase()
  const found: string[] = []
  let last: string | undefined
  for (;;) {
    const names = await readMembers(key, last, isDescending, CHUNK)
    for (const each of names) {
      const split = each.lastIndexOf('\0')
      const id = each.slice(split + 1)
      if (id === search || each.slice(0, split).toLowerCase().includes(wanted)) found.push(id)
    }
    if (names.length < CHUNK) return found
    last = names.at(-1)
  }
}

import { inGroups } from '../slices.ts'
import type { Write } from './writes.ts'

/** What Lua can hand to a command at once is limited to some thousands. */
const MOST_VALUES = 1_000

type Command = Write[0]

/** Commands of which one call can do what several would. */
const MERGEABLE: ReadonlySet<Command> = new Set<Command>(['HSET', 'HDEL', 'ZADD', 'ZREM', 'RPUSH'])

/**
 * The same writes in fewer commands. Those of one command to one key become one, at the place of the first: what is written to a key by one
 * command must not depend on what another command does to it in between.
 */
export function mergeWrites(writes: readonly Write[]): Write[] {
  const groups = Map.groupBy(writes.entries(), ([index, [command, key]]) =>
    MERGEABLE.has(command) ? `${command} ${key}` : `${index}`,
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const [command, key] = first[1]
    const values = group.flatMap(([, [, , ...each]]) => each)
    return MERGEABLE.has(command)
      ? inGroups(values, MOST_VALUES).map((some): Write => [command, key, ...some])
      : group.map(([, write]) => write)
  })
}

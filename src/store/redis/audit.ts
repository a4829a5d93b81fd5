import type { AuditEntry, AuditQuery, AuditStore } from '../contract/audit.ts'
import type { StoredOptions } from './apply.ts'
import { auditKeysOf, entryWrites, withinOwner } from './audit-writes.ts'
import { intersect, type Part } from './intersect.ts'
import type { Scripts } from './scripts.ts'
import { pageIn } from '../slices.ts'
import type { Write } from './writes.ts'

export interface AuditOptions extends StoredOptions {
  readonly scripts: Pick<Scripts, 'walk'>
  /** Writes the entries of resets that were cut short. */
  readonly finishResets: () => Promise<void>
}

const SWEPT_AT_ONCE = 100

/** The audit log of a Redis store: entries by id, and sorted sets of ids by what entries have in common. */
export function createRedisAudit(options: AuditOptions): AuditStore {
  const { commands, keys, apply, finishResets } = options
  const readEntries = async (ids: readonly string[]): Promise<AuditEntry[]> => {
    const texts = await commands.readFields(keys.audit, ids)
    return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as AuditEntry]))
  }
  return {
    append: async (entry) => {
      await apply([['HGET', keys.audit, entry.id, '']], entryWrites(keys, entry))
    },
    list: async (query) => {
      await finishResets()
      const { total, ids } = await find(options, query)
      return { total, entries: await readEntries(ids) }
    },
    sweep: async (before) => {
      const ids = await commands.readLowest(keys.auditBy('all'), `(${before}`, SWEPT_AT_ONCE)
      const entries = await readEntries(ids)
      const writes = entries.flatMap((entry) =>
        auditKeysOf(keys, entry).map((key): Write => ['ZREM', key, entry.id]),
      )
      if (ids.length > 0) {
        await apply([], [...writes, ['HDEL', keys.audit, ...ids], ['ZREM', keys.auditBy('all'), ...ids]])
      }
      return ids.length
    },
  }
}

interface Found {
  readonly total: number
  readonly ids: readonly string[]
}

async function find(options: AuditOptions, query: AuditQuery): Promise<Found> {
  const { scripts } = options
  const parts = await Promise.all((await setsOf(options, query)).map((set) => partOf(options, set, query)))
  const [smallest, ...others] = parts.toSorted((a, b) => a.size - b.size)
  if (smallest === undefined) return { total: 0, ids: [] }
  const first = (query.page - 1) * query.pageSize
  if (others.length > 0) {
    const sets = others.map(({ set }) => set)
    const ids = await intersect(scripts, smallest, sets)
    return { total: ids.length, ids: pageIn(ids, query) }
  }
  const { set, rank, size } = smallest
  if (first >= size) return { total: size, ids: [] }
  const last = Math.min(first + query.pageSize, size) - 1
  const [, ...ids] = await scripts.walk([set], [rank + first, rank + last])
  return { total: size, ids }
}

/** What of a set lies in the time of interest. */
async function partOf(
  { commands }: AuditOptions,
  set: string,
  { from, until }: AuditQuery,
): Promise<Required<Part>> {
  const lowest = from === null ? '-inf' : String(from)
  const [rank, size] = await Promise.all([
    until === null ? 0 : commands.countBetween(set, String(until), '+inf'),
    commands.countBetween(set, lowest, until === null ? '+inf' : `(${until}`),
  ])
  return { set, rank, size }
}

/** Entries that are wanted are in all of them. */
async function setsOf({ commands, keys }: AuditOptions, query: AuditQuery): Promise<readonly string[]> {
  const { owner, repo, object, actor, event } = query
  const byActor = async (id: string): Promise<string> =>
    (await commands.exists(keys.auditBy(`actor:${id}`))) === 1 ? `actor:${id}` : `actor-name:${id}`
  const kinds = [
    ...(actor === null ? [] : [await byActor(actor)]),
    ...(event === null ? [] : [`event:${event}`]),
  ]
  const things = [
    ...(object === null ? [] : [`object:${object}`]),
    ...kinds.map((kind) => (owner === null ? kind : withinOwner(owner, kind))),
    ...(owner !== null && repo !== null ? [`repo:${owner}/${repo}`] : []),
    ...(owner !== null && repo === null && kinds.length === 0 ? [`owner:${owner}`] : []),
  ]
  return (things.length === 0 ? ['all'] : things).map(keys.auditBy)
}

import { decodeFacts, decodeUsage, encodeUsage } from '../../policy/search/facts.ts'
import { periodStart } from '../../policy/reset.ts'
import type { TokenStore, UsageStore } from '../contract.ts'
import { differences, usagePlaces } from '../search/sets.ts'
import { changesAt } from '../search/usage-in-period.ts'
import type { StoredOptions } from './apply.ts'
import { addition, removal } from './token-index.ts'
import type { Write } from './writes.ts'

export interface SearchUsageOptions extends StoredOptions {
  readonly readUsage: UsageStore['read']
}

interface Due {
  readonly id: string
  /** As they were read. */
  readonly facts: string
  readonly usage: string | null
}

/** Tells searches of the use of tokens. */
export function createSearchUsage(
  options: SearchUsageOptions,
): Pick<TokenStore, 'noteUsed' | 'refreshUsage'> {
  const { commands, keys } = options
  const { search } = keys
  const noteUsed: TokenStore['noteUsed'] = async (tokens) => {
    await commands.addScored(search.due, 0, tokens)
  }
  const refresh = async (ids: readonly string[], now: number): Promise<void> => {
    const [facts, usage] = await Promise.all([
      commands.readFields(search.facts, ids),
      commands.readFields(search.usage, ids),
    ])
    const due = ids.flatMap((id, at): Due[] => {
      const text = facts[at] ?? null
      return text === null ? [] : [{ id, facts: text, usage: usage[at] ?? null }]
    })
    await refreshAll(options, due, now)
  }
  return {
    noteUsed,
    refreshUsage: async (now, most) => {
      const ids = await commands.readLowest(search.due, String(now), most)
      // First, so that use which is noted from here on is not lost.
      await commands.removeMembers(search.due, ids)
      await refresh(ids, now).catch(async (error: unknown) => {
        await noteUsed(ids)
        throw error
      })
      return ids.length
    },
  }
}

async function refreshAll(options: SearchUsageOptions, due: readonly Due[], now: number): Promise<void> {
  const { keys, apply, readUsage } = options
  const tokens = due.map((each) => ({
    ...each,
    known: decodeFacts(each.facts.slice(each.facts.indexOf(' ') + 1)),
  }))
  const usages = await readUsage(
    tokens.map(({ id, known }) => ({ token: id, periodStart: periodStart(known.schedule, now) })),
  )
  const applied = tokens.map(async ({ id, facts, usage, known }, at) => {
    const after = usages[at]
    if (after === undefined) return
    const { gone, come } = differences(
      usagePlaces(known, known, decodeUsage(usage)),
      usagePlaces(known, known, after),
    )
    const next = changesAt(after, known.schedule, now)
    const writes: Write[] = [
      ...gone.map((placed) => removal(keys, placed, id)),
      ...come.map((placed) => addition(keys, placed, id)),
      ['HSET', keys.search.usage, id, encodeUsage(after)],
      ...(next === null ? [] : [['ZADD', keys.search.due, String(next), id] as const]),
    ]
    // Where the token has just changed, whoever changed it has noted it as due.
    await apply([['HGET', keys.search.facts, id, facts]], writes)
  })
  await Promise.all(applied)
}

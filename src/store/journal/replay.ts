import { renameSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { StoreError, type UsageStore } from '../contract.ts'
import type { Entry } from './entry.ts'
import { isMissing } from './folder.ts'
import type { SealedSegment } from './journal.ts'
import { readSegment, sumUp, type Segment, type SegmentBatch } from './segment.ts'

/** What became of a file. */
export interface Replayed {
  readonly segment: string
  /** Entries that the store has now. */
  readonly entries: number
  readonly state: Segment['state'] | 'expired'
  /** Ends of deliveries that the store would not take, though it took everything else. */
  readonly endsLost: number
  /** Where the file lies that was not counted as a whole; undefined: it need not be kept. */
  readonly keptAs: string | undefined
}

export interface ReplayOptions {
  readonly usage: Pick<UsageStore, 'settle' | 'record'>
  /** How often ends of deliveries are tried that the store does not take. */
  readonly attempts: number
  /** Is told of each file, before it is removed. */
  readonly onReplayed: (replayed: Replayed) => void
}

/** Tells the store what is in a file, exactly once, whoever begins with it how often. The caller removes the file. */
export type Replay = (segment: SealedSegment) => Promise<void>

/** Rejects, with a StoreError `unavailable` or an error of the file system, when it has to be begun once more. */
export function createReplay({ usage, attempts, onReplayed }: ReplayOptions): Replay {
  /** Files whose ends were not taken, and how often. */
  const failures = new Map<string, number>()
  /** Files that are counted and could not be removed. */
  const done = new Set<string>()

  /** Gives how many were lost. */
  const settleAll = async (name: string, { entries }: SegmentBatch): Promise<number> => {
    const outcomes = await Promise.allSettled(entries.flatMap((entry) => settleOne(usage, entry)))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed === undefined) return 0
    const count = (failures.get(name) ?? 0) + 1
    failures.set(name, count)
    if (count < attempts) throw failed.reason
    return outcomes.filter(({ status }) => status === 'rejected').length
  }
  const replayAll = async (
    name: string,
    segment: Segment,
  ): Promise<Pick<Replayed, 'entries' | 'endsLost'>> => {
    let entries = 0
    let endsLost = 0
    for (const each of segment.batches) {
      const traffic = sumUp(each.entries)
      // First: a store that does not answer must not use up the attempts of what follows.
      if (traffic.length > 0) await usage.record(traffic, each.batch)
      endsLost += await settleAll(name, each)
      entries += each.entries.length
    }
    return { entries, endsLost }
  }
  return async ({ name, path }) => {
    if (done.has(name)) return
    const text = await readText(path)
    if (text === undefined) return
    const segment = readSegment(name, text)
    const replayed = await replayAll(name, segment).catch((error: unknown) => {
      if (error instanceof StoreError && error.code === 'expired') return undefined
      throw error
    })
    const state = replayed === undefined ? 'expired' : segment.state
    const isCounted = state === 'whole' || state === 'torn'
    const keptAs = isCounted ? undefined : putAside(path, state)
    failures.delete(name)
    done.add(name)
    onReplayed({ segment: name, state, keptAs, ...(replayed ?? { entries: 0, endsLost: 0 }) })
  }
}

function settleOne(usage: Pick<UsageStore, 'settle'>, entry: Entry): Promise<unknown>[] {
  return entry.kind === 'end' ? [usage.settle(entry.reservation, entry.sentBytes, entry.at)] : []
}

/** undefined: somebody removed it. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** A person may want to look at it. */
function putAside(path: string, state: string): string {
  const aside = `${path}.${state}`
  renameSync(path, aside)
  return aside
}

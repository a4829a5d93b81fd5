import type { Adopter } from '../store/journal/adopt.ts'
import type { Journal } from '../store/journal/journal.ts'
import type { Replay } from '../store/journal/replay.ts'
import { StoreError } from '../store/contract.ts'

export interface ReplayWaitingOptions {
  readonly journal: Pick<Journal, 'seal' | 'remove'>
  readonly replay: Replay
  /** Of a process that looks after what others left. */
  readonly adopter: Adopter | undefined
  /** Is told of files that can't be read or removed, once each. */
  readonly onTrouble: (file: string, error: unknown) => void
}

/** Tells the store what waits in the journal. */
export interface ReplayWaiting {
  /** What this process wrote. Rejects when the store fails; files that can't be read wait for the next time. */
  readonly own: () => Promise<void>
  /** What dead processes left. */
  readonly left: () => Promise<void>
}

export function createReplayWaiting({
  journal,
  replay,
  adopter,
  onTrouble,
}: ReplayWaitingOptions): ReplayWaiting {
  const troubles = new Set<string>()
  const trouble = (file: string, error: unknown): void => {
    if (error instanceof StoreError) throw error
    if (troubles.has(file)) return
    troubles.add(file)
    onTrouble(file, error)
  }
  const replayOwn = async (): Promise<void> => {
    for (const segment of journal.seal()) {
      try {
        await replay(segment)
        journal.remove(segment)
      } catch (error) {
        trouble(segment.path, error)
      }
    }
  }
  let underway: Promise<void> | undefined
  return {
    own: () =>
      (underway ??= replayOwn().finally(() => {
        underway = undefined
      })),
    left: async () => {
      try {
        await adopter?.replay()
      } catch (error) {
        trouble('the files of others', error)
      }
    },
  }
}

import type { ArchiveTarget } from '../store/contract/archive.ts'
import { BackupError, type Progress } from './format.ts'
import { readRecords, type Verified } from './read-backup.ts'

export interface RestoreOptions {
  readonly file: string
  readonly verified: Verified
  readonly target: ArchiveTarget
  /** What is in the store goes. */
  readonly replaces: boolean
  /** Although processes of Postern use the store. */
  readonly isForced: boolean
  /** Asks before something goes. Rejects when the answer is no. */
  readonly confirm: (question: string) => Promise<void>
  readonly onProgress: (progress: Progress) => void
  readonly signal: AbortSignal
}

/** Fills a store from a file that was verified. Gives the tokens that were left out, see ArchiveTarget. @throws BackupError, StoreError. */
export async function restoreBackup(options: RestoreOptions): Promise<readonly string[]> {
  const { file, verified, target, onProgress, signal } = options
  await checkTarget(options)
  signal.throwIfAborted()
  try {
    await target.begin()
    let records = 0
    for await (const batch of readRecords({ file, signal }, verified)) {
      await target.write(batch)
      records += batch.length
      onProgress({ step: 'restore', records, total: verified.total })
    }
    return await target.finish()
  } catch (error) {
    throw notDone(error, signal)
  }
}

function notDone(cause: unknown, { aborted }: AbortSignal): BackupError {
  const reason = aborted ? 'Broken off.' : cause instanceof Error ? cause.message : String(cause)
  return new BackupError(
    'unfinished',
    `${reason.replace(/\.?$/, '.')} The restore is not done: run it again, from the start.`,
    {
      cause,
    },
  )
}

async function checkTarget({ target, replaces, isForced, confirm }: RestoreOptions): Promise<void> {
  const users = await target.users()
  if (users > 0 && !isForced) {
    throw new BackupError(
      'used',
      `${users === 1 ? 'A process of Postern uses' : `${users} processes of Postern use`} this store. Stop Postern first (one that was killed is forgotten ` +
        'within half a minute), or give --force: what is used of limits meanwhile is lost then.',
    )
  }
  const contents = await target.contents()
  if (contents.length === 0) return
  const what = contents.join(', ')
  if (!replaces) {
    throw new BackupError(
      'used',
      `The store is not empty: it has ${what}. Restore into an empty one, or give --replace, which removes all that is in it.`,
    )
  }
  await confirm(`The store has ${what}. Remove all of it and restore the backup?`)
}

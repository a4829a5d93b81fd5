import type { ArchiveRecord, ArchiveTarget } from '../contract/archive.ts'
import { describeContents } from '../contents.ts'
import { createRivals } from '../rivals.ts'
import { createApply, type Apply } from './apply.ts'
import { createHistoryPut, isHistory } from './archive-history-put.ts'
import { openForArchive, told, type ArchiveOptions, type Opened } from './archive-open.ts'
import { createAccountPut } from './archive-account-put.ts'
import { recordWrites } from './archive-writes.ts'
import type { HistoryRetention } from '../contract/history.ts'
import { scanKeys } from './scan.ts'
import { inGroups } from '../slices.ts'
import { createTokenPut } from './tokens.ts'

export interface TargetOptions extends ArchiveOptions {
  /** How long the history is kept from now on. */
  readonly keep: HistoryRetention
  /** Epoch ms. */
  readonly clock: () => number
}

/** Records whose writes travel together, so that no script keeps a server for more than a few milliseconds. */
const WRITTEN_AT_ONCE = 50
const REMOVED_AT_ONCE = 500
/** Beats come every five seconds, and five may be missed. */
const DEAD_AFTER_MS = 25_000
const MOST_USERS = 10_000

/** Connects to fill a store. Until `finish` it is marked, and no process of Postern opens it. @throws StoreError. */
export async function openRedisTarget(options: TargetOptions): Promise<ArchiveTarget> {
  const opened = await openForArchive(options)
  const { connection, keys, commands } = opened
  const apply = createApply(opened.scripts)
  const put = createPuts(opened, apply, options)
  return {
    contents: () => told(connection, () => contentsOf(opened)),
    users: () => told(connection, () => countUsers(opened)),
    begin: () =>
      told(connection, async () => {
        await commands.set(keys.unfinished, '1')
        await removeAll(opened)
      }),
    write: (records) => told(connection, () => put.write(records)),
    finish: () =>
      told(connection, async () => {
        const rivals = await put.finish()
        // Whoever follows the numbers of changes sees one that it did not hear of, and forgets all that it knows of tokens.
        await connection.client.set(keys.search.ready, '1')
        await connection.client.incr(keys.changes)
        await connection.client.unlink(keys.unfinished)
        return rivals
      }),
    close: async () => connection.close(),
  }
}

async function contentsOf(opened: Opened): Promise<readonly string[]> {
  const { commands, keys } = opened
  const [live, deleted, apiKeys, webhooks, auditEntries] = await Promise.all([
    commands.countFields(keys.records),
    commands.countFields(keys.deleted),
    commands.countFields(keys.apiKeys),
    commands.countFields(keys.webhooks),
    commands.countFields(keys.audit),
  ])
  const counted = { tokens: live + deleted, apiKeys, webhooks, auditEntries }
  return describeContents({ ...counted, isUsed: await isUsed(opened) })
}

async function isUsed({ connection, keys }: Opened): Promise<boolean> {
  for await (const names of scanKeys(connection.client, keys.usage('*'))) return names.length > 0
  return false
}

async function countUsers({ connection, commands, keys }: Opened): Promise<number> {
  const [[seconds], beats] = await Promise.all([
    connection.client.time(),
    commands.readScored(keys.processes, 0, Number.MAX_SAFE_INTEGER, false, 0, MOST_USERS),
  ])
  const now = Number(seconds) * 1_000
  return inGroups(beats, 2).filter(([, beat]) => now - Number(beat) < DEAD_AFTER_MS).length
}

/** All but the mark, and the numbers of processes, which live on. */
async function removeAll({ connection, keys, pattern }: Opened): Promise<void> {
  const kept = new Set([keys.unfinished, keys.processes, keys.processNumber])
  for await (const names of scanKeys(connection.client, pattern)) {
    const gone = names.filter((name) => !kept.has(name))
    for (const some of inGroups(gone, REMOVED_AT_ONCE)) {
      await Promise.all(some.map((name) => connection.client.unlink(name)))
    }
  }
}

function createPuts(opened: Opened, apply: Apply, { keep, clock, processId }: TargetOptions) {
  const { scripts, commands, keys, connection } = opened
  const feed = { watch: () => () => undefined, tellOwn: () => undefined }
  const rivals = createRivals(createTokenPut({ scripts, commands, keys, feed, processId, apply }))
  const putAccount = createAccountPut(opened, clock)
  const putHistory = createHistoryPut(scripts, keys, connection.isCluster, keep)

  const writeOthers = async (records: readonly ArchiveRecord[]): Promise<void> => {
    // One after the other: what comes later stays.
    for (const some of inGroups(records, WRITTEN_AT_ONCE)) {
      const writes = some.flatMap((record) => recordWrites(keys, record))
      if (writes.length > 0) await apply([], writes)
    }
  }
  return {
    write: async (records: readonly ArchiveRecord[]): Promise<void> => {
      const tokens = latest(
        records.filter((record) => record.kind === 'token'),
        ({ token }) => token.slugPerm,
      )
      const accounts = latest(
        records.filter((record) => record.kind === 'account'),
        ({ token }) => token,
      )
      const [history, others] = [records.filter(isHistory), records.filter(isOther)]
      await Promise.all(accounts.map(putAccount))
      await Promise.all([
        ...tokens.map(({ token, deletedAt }) => rivals.put(token, deletedAt)),
        putHistory(history),
        writeOthers(others),
      ])
    },
    finish: rivals.retry,
  }
}

/** Of records of one thing the last: they are taken in at once. */
function latest<Each>(records: readonly Each[], nameOf: (record: Each) => string): readonly Each[] {
  return [...new Map(records.map((record) => [nameOf(record), record])).values()]
}

function isOther(record: ArchiveRecord): boolean {
  return record.kind !== 'token' && record.kind !== 'account' && !isHistory(record)
}

import { StoreError, type StoredToken } from '../contract.ts'
import type { ArchiveRecord, ArchiveSource } from '../contract/archive.ts'
import type { AuditEntry } from '../contract/audit.ts'
import type { EventDelivery, EventRecord, RefusalCount, Webhook } from '../contract/events.ts'
import { RESTORE_AGAIN } from '../unfinished.ts'
import { readAccounts, readAccountsOf, type AccountsOptions } from './archive-accounts.ts'
import { readHistory } from './archive-history.ts'
import { openForArchive, told, type ArchiveOptions, type Opened } from './archive-open.ts'
import { parseField } from './api-keys.ts'
import { createChangeFeed } from './changes.ts'
import { scanHash, scanScored } from './scan.ts'
import { inGroups } from '../slices.ts'
import { parseToken } from './token-text.ts'

type Batches = AsyncGenerator<readonly ArchiveRecord[], void, void>

const READ_AT_ONCE = 200
/** Changed tokens that are read again one by one; of more, all are. */
const MOST_CHANGED = 50_000

/**
 * Connects to read a store as a whole, while others write to it. There is no instant of all: each token's counters are of one instant, and
 * every record is as it was at some time between beginning and end; tokens that were changed meanwhile are read again at the end.
 * @throws StoreError `unavailable`, also when a restore is not done with the store.
 */
export async function openRedisSource(
  options: ArchiveOptions & { readonly clock: () => number },
): Promise<ArchiveSource> {
  const opened = { ...(await openForArchive(options)), clock: options.clock }
  const { connection, commands, keys } = opened
  try {
    if ((await told(connection, () => commands.exists(keys.unfinished))) === 1)
      throw new StoreError('unavailable', `The store can't be used: ${RESTORE_AGAIN}.`)
  } catch (error) {
    connection.close()
    throw error
  }
  return {
    count: async () => null,
    read: () => guarded(opened, readAll(opened, options.processId)),
    close: async () => connection.close(),
  }
}

async function* guarded({ connection }: Opened, batches: Batches): Batches {
  try {
    for (;;) {
      const { done, value } = await told(connection, () => batches.next())
      if (done === true) return
      yield value
    }
  } finally {
    // Nothing else tells it when nobody wants the rest.
    await batches.return()
  }
}

/** The order matters: see docs/backup.md. */
async function* readAll(opened: AccountsOptions, processId: string): Batches {
  const changes = await followChanges(opened, processId)
  try {
    yield* readAccounts(opened)
    yield* readKeysAndWebhooks(opened)
    yield* readEvents(opened)
    yield* readHistory(opened)
    yield* readTokens(opened)
    const digests = changes.take()
    if (digests === undefined) {
      yield* readAccounts(opened)
      yield* readTokens(opened)
    } else yield* readChanged(opened, digests)
    yield* readDeleted(opened)
    yield* readAudit(opened)
  } finally {
    changes.stop()
  }
}

/** Digests of tokens that changed since; undefined: some may have been missed. */
async function followChanges({ connection, commands, keys }: Opened, processId: string) {
  const changed = new Set<string>()
  let isMissing = false
  const feed = createChangeFeed({
    subscriber: connection.subscriber,
    channel: keys.channel,
    processId,
    readLatest: async () => Number((await commands.get(keys.changes)) ?? 0),
    renew: connection.renewSubscription,
  })
  feed.watch((digest) => {
    if (digest === undefined || changed.size >= MOST_CHANGED) isMissing = true
    else changed.add(digest)
  })
  await feed.start()
  return {
    take: (): readonly string[] | undefined => (isMissing ? undefined : [...changed]),
    stop: feed.stop,
  }
}

async function* readTokens({ connection, keys }: Opened): Batches {
  for await (const fields of scanHash(connection.client, keys.records)) {
    yield fields.map(([, text]) => ({ kind: 'token', token: parseToken(text), deletedAt: null }))
  }
}

/** With their counters: a token that was made meanwhile has some that were not there before. */
async function* readChanged(opened: AccountsOptions, digests: readonly string[]): Batches {
  const { scripts, keys } = opened
  for (const some of inGroups(digests, READ_AT_ONCE)) {
    const found = await Promise.all(
      some.map((digest) => scripts.findTokens([keys.digest(digest), keys.records], [])),
    )
    const tokens = found.flat().map(parseToken)
    yield tokens.map((token) => ({ kind: 'token', token, deletedAt: null }))
    yield await readAccountsOf(
      opened,
      tokens.map(({ slugPerm }) => slugPerm),
    )
  }
}

/** Behind the others: one that is deleted meanwhile comes twice, and not at all in the other order. */
async function* readDeleted({ connection, keys }: Opened): Batches {
  for await (const fields of scanHash(connection.client, keys.deleted)) {
    yield fields.map(([, text]) => {
      const { deletedAt, ...token } = JSON.parse(text) as StoredToken & { readonly deletedAt: number }
      return { kind: 'token', token: parseToken(JSON.stringify(token)), deletedAt }
    })
  }
}

/** At once, for they are few: a key that gets another secret meanwhile would come with both. */
async function* readKeysAndWebhooks({ commands, keys }: Opened): Batches {
  const apiKeys = Object.entries(await commands.readAllFields(keys.apiKeys))
  yield apiKeys.flatMap(([field, text]) => parseField(field, text)).map(({ key }) => ({ kind: 'key', key }))
  const webhooks = Object.values(await commands.readAllFields(keys.webhooks))
  yield webhooks.map((text) => ({ kind: 'webhook', webhook: JSON.parse(text) as Webhook }))
}

/** Events before deliveries: one that is handed out meanwhile comes as both, and nobody misses it. */
async function* readEvents({ connection, commands, keys }: Opened): Batches {
  const { client } = connection
  const events = await commands.readList(keys.outbox, 0)
  for (const some of inGroups(events, READ_AT_ONCE)) {
    yield some.map((text) => ({ kind: 'event', event: JSON.parse(text) as EventRecord }))
  }
  for await (const fields of scanHash(client, keys.deliveries)) {
    yield fields.map(([, text]) => ({ kind: 'delivery', delivery: JSON.parse(text) as EventDelivery }))
  }
  for await (const seen of scanScored(client, keys.seen)) {
    yield seen.map(([id, at]) => ({ kind: 'seen', id, at: Number(at) }))
  }
  for await (const fields of scanHash(client, keys.refusalFacts)) {
    const names = fields.map(([name]) => name)
    const counts = await commands.readFields(keys.refusals, names)
    yield fields.flatMap(([, text], index): readonly ArchiveRecord[] => {
      const count = counts[index] ?? null
      if (count === null) return []
      const refusal = { ...(JSON.parse(text) as RefusalCount), count: Number(count) }
      return [{ kind: 'refusal', refusal }]
    })
  }
}

/** Last of all: what was changed has its entry. */
async function* readAudit({ connection, keys }: Opened): Batches {
  for await (const fields of scanHash(connection.client, keys.audit)) {
    yield fields.map(([, text]) => ({ kind: 'audit', entry: JSON.parse(text) as AuditEntry }))
  }
}

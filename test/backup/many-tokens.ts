import { createWriteStream } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { writeBackup } from '../../src/backup/write-backup.ts'
import type { ArchiveRecord, ArchiveSource } from '../../src/store/contract/archive.ts'
import { createSecretKeeper } from '../../src/store/secret-keeper.ts'
import { tokenEntry } from '../../src/store/audit-entry.ts'
import type { StoredToken } from '../../src/store/contract.ts'
import { hashClient, joinSketches } from '../../src/store/distinct-clients.ts'
import { newNote } from '../store/conformance/audit.ts'
import { DAY_MS, HOUR_MS, newToken, NOW } from '../store/conformance/fixtures.ts'
import { SERVER_KEY } from './places.ts'

const AT_ONCE = 500
const RECORDS_EACH = 7

/** Writes a backup of so many tokens as a store would that had them: each was made, and used by three clients for one package. */
export async function writeManyTokens(file: string, count: number): Promise<void> {
  const source: ArchiveSource = {
    count: async () => RECORDS_EACH * count,
    read: () => manyTokens(count),
    close: async () => undefined,
  }
  const { digest } = createSecretKeeper(SERVER_KEY, randomBytes)
  const options = { source, store: 'sqlite', digest, version: '1.2.3', madeAt: new Date(NOW) } as const
  const signal = new AbortController().signal
  const sink = createWriteStream(file)
  await writeBackup({ ...options, onProgress: () => undefined, signal }, sink, { ends: true })
}

async function* manyTokens(count: number): AsyncGenerator<readonly ArchiveRecord[]> {
  for (let done = 0; done < count; done += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, index) => oneToken(done + index))
    yield some.flat()
  }
}

function oneToken(index: number): ArchiveRecord[] {
  const token = newToken({ owner: 'acme', repo: 'stable' })
  const clients = [1, 2, 3].map((each) => ({
    client: `192.0.2.${each}`,
    downloads: index,
    firstAt: NOW,
    lastAt: NOW,
    isCounted: true,
  }))
  const counters = { epoch: 0, downloads: 3 * index, clients: 3, bytes: index * 1_000_000 }
  const usage = { ...counters, lastUsedAt: NOW, resetAt: null, busyUntilUs: null }
  return [
    { kind: 'account', token: token.slugPerm, usage, clients, ledgers: [] },
    { kind: 'token', token, deletedAt: null },
    ...historyOf(token, index),
    { kind: 'audit', entry: tokenEntry(newNote({ event: 'repo.entitlement.created' }), undefined, token) },
  ]
}

function historyOf({ slugPerm: token, name: tokenName }: StoredToken, index: number): ArchiveRecord[] {
  const counts = { downloads: 3, bytes: 3_000_000 + index }
  const clients = joinSketches([hashClient('192.0.2.1'), hashClient('192.0.2.2'), hashClient('192.0.2.3')])
  const bucket = { kind: 'bucket', token, ...counts, refusals: { out_of_scope: 1 }, clients } as const
  const file = { name: 'widget', version: `1.${index % 500}`, filename: `widget_1.${index % 500}_amd64.deb` }
  const tally = { token, repository: 'acme/stable', ...file, ...counts, firstAt: NOW, lastAt: NOW }
  return [
    { ...bucket, span: 'hour', start: NOW - (NOW % HOUR_MS) },
    { ...bucket, span: 'day', start: NOW - (NOW % DAY_MS) },
    { kind: 'package', format: 'deb', ...tally },
    { kind: 'downloader', tokenName, ...tally },
  ]
}

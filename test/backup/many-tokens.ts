import { createWriteStream } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { writeBackup } from '../../src/backup/write-backup.ts'
import type { ArchiveRecord, ArchiveSource } from '../../src/store/contract/archive.ts'
import { createSecretKeeper } from '../../src/store/secret-keeper.ts'
import { newToken, NOW } from '../store/conformance/fixtures.ts'
import { SERVER_KEY } from './places.ts'

const AT_ONCE = 500

/** Writes a backup of so many tokens, each used by three clients, as a store would that had them. */
export async function writeManyTokens(file: string, count: number): Promise<void> {
  const source: ArchiveSource = {
    count: async () => 2 * count,
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
  ]
}

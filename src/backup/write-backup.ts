import { createHash } from 'node:crypto'
import { Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { ArchiveSource } from '../store/contract/archive.ts'
import {
  fingerprintOf,
  FORMAT_VERSION,
  sealOf,
  type BackupEnd,
  type BackupHeader,
  type BackupSummary,
  type Counts,
  type Digest,
  type Progress,
} from './format.ts'

export interface WriteOptions {
  readonly source: ArchiveSource
  readonly store: BackupHeader['store']
  readonly digest: Digest
  readonly version: string
  readonly madeAt: Date
  readonly onProgress: (progress: Progress) => void
  readonly signal: AbortSignal
}

/** Writes a backup into a stream. @throws StoreError, and what the stream fails with. */
export async function writeBackup(
  options: WriteOptions,
  sink: Writable,
  { ends }: { readonly ends: boolean },
): Promise<BackupSummary> {
  const { store, digest, version, madeAt, signal } = options
  const header: BackupHeader = {
    type: 'postern-backup',
    format: FORMAT_VERSION,
    postern: version,
    made_at: madeAt.toISOString(),
    store,
    key: fingerprintOf(digest),
  }
  const counts: Record<string, number> = {}
  let bytes = 0
  const meter = new Transform({
    transform: (chunk: Buffer, _, done) => {
      bytes += chunk.length
      done(null, chunk)
    },
  })
  const lines = linesOf(options, header, counts)
  await pipeline(lines, createGzip(), meter, sink, { signal, end: ends })
  return { header, records: counts, bytes }
}

async function* linesOf(
  { source, digest, onProgress }: WriteOptions,
  header: BackupHeader,
  counts: Record<string, number>,
): AsyncGenerator<Buffer, void, void> {
  const hash = createHash('sha256')
  const proven = (lines: readonly unknown[]): Buffer => {
    const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    hash.update(text)
    return text
  }
  const total = await source.count()
  let records = 0
  yield proven([header])
  for await (const batch of source.read()) {
    if (batch.length === 0) continue
    for (const { kind } of batch) counts[kind] = (counts[kind] ?? 0) + 1
    records += batch.length
    onProgress({ step: 'backup', records, total })
    yield proven(batch)
  }
  const sha256 = hash.digest('hex')
  const end: BackupEnd = { end: true, records: counts as Counts, sha256, seal: sealOf(digest, sha256) }
  yield Buffer.from(`${JSON.stringify(end)}\n`)
}

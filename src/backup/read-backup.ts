import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { ArchiveKind, ArchiveRecord } from '../store/contract/archive.ts'
import {
  BackupError,
  fingerprintOf,
  FORMAT_VERSION,
  sealOf,
  type BackupEnd,
  type BackupHeader,
  type BackupSummary,
  type Digest,
  type Progress,
} from './format.ts'
import { cutOff, readLines } from './read-lines.ts'

/** Each kind of this version. */
const KINDS: Readonly<Record<ArchiveKind, true>> = {
  token: true,
  account: true,
  key: true,
  webhook: true,
  event: true,
  delivery: true,
  seen: true,
  refusal: true,
  audit: true,
  bucket: true,
  package: true,
  'repository-package': true,
  downloader: true,
  'package-day': true,
  download: true,
}

export interface ReadOptions {
  readonly file: string
  /** Under the server's key; undefined: the key is not at hand, and what only it can tell is passed over. */
  readonly digest: Digest | undefined
  readonly onProgress: (progress: Progress) => void
  readonly signal: AbortSignal
}

/** What a file holds that was found to be whole. */
export interface Verified extends BackupSummary {
  readonly sha256: string
  readonly total: number
}

/** Reads all of a backup and finds out whether it is whole and untouched, and made under this key. @throws BackupError. */
export async function verifyBackup(options: ReadOptions): Promise<Verified> {
  const { size } = await stat(options.file).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new BackupError('unusable', `It can't be read: ${reason}.`, { cause })
  })
  const counts: Record<string, number> = {}
  const { header, end } = await readAll(options, (line) => {
    const kind = kindOf(line)
    if (!Object.hasOwn(KINDS, kind)) throw damaged('has a record of an unknown kind')
    counts[kind] = (counts[kind] ?? 0) + 1
  })
  const { digest } = options
  if (digest !== undefined && end.seal !== sealOf(digest, end.sha256)) {
    throw damaged('was altered by somebody who does not have the server key')
  }
  const total = Object.values(counts).reduce((sum, each) => sum + each, 0)
  return { header, records: counts, bytes: size, sha256: end.sha256, total }
}

/** Records of a file, some at a time. @throws BackupError when it is not the one that was verified, at the latest behind the last record. */
export async function* readRecords(
  { file, signal }: Pick<ReadOptions, 'file' | 'signal'>,
  { sha256 }: Verified,
): AsyncGenerator<readonly ArchiveRecord[], void, void> {
  const hash = createHash('sha256')
  let batch: ArchiveRecord[] = []
  let isFirst = true
  for await (const line of readLines(file)) {
    signal.throwIfAborted()
    if (isEnd(line)) break
    hash.update(line)
    if (!isFirst) batch.push(JSON.parse(line.toString()) as ArchiveRecord)
    isFirst = false
    if (batch.length < RECORDS_AT_ONCE) continue
    yield batch
    batch = []
  }
  if (hash.digest('hex') !== sha256) throw damaged('changed while it was read')
  if (batch.length > 0) yield batch
}

const RECORDS_AT_ONCE = 200

/** Goes through all lines once; `take` gets the records. */
async function readAll(
  { file, digest, onProgress, signal }: ReadOptions,
  take: (line: Buffer) => void,
): Promise<{ readonly header: BackupHeader; readonly end: BackupEnd }> {
  const hash = createHash('sha256')
  let header: BackupHeader | undefined
  let end: BackupEnd | undefined
  let records = 0
  for await (const line of readLines(file)) {
    signal.throwIfAborted()
    if (end !== undefined) throw damaged('goes on behind its end')
    if (header === undefined) header = readHeader(line)
    else if (isEnd(line)) {
      end = readJson(line) as BackupEnd
      continue
    } else {
      take(line)
      records += 1
      if (records % TOLD_EACH === 0) onProgress({ step: 'verify', records, total: null })
    }
    hash.update(line)
  }
  if (header === undefined || end === undefined) throw cutOff()
  if (end.sha256 !== hash.digest('hex')) throw damaged('was altered: its checksum is another')
  if (digest !== undefined && header.key !== fingerprintOf(digest)) throw wrongKey(header.key)
  return { header, end }
}

const TOLD_EACH = 1_000

function readHeader(line: Buffer): BackupHeader {
  const header = readJson(line) as Partial<BackupHeader> | null
  const version = header?.format
  if (header?.type !== 'postern-backup' || typeof version !== 'number')
    throw damaged('is no backup of Postern')
  if (version > FORMAT_VERSION) {
    throw new BackupError(
      'newer',
      `It was written by a newer Postern (${header?.postern}; format ${version}, this one knows ${FORMAT_VERSION}). Use that one, or a later one.`,
    )
  }
  return header as BackupHeader
}

function wrongKey(key: string): BackupError {
  return new BackupError(
    'key',
    `It was made under another server key (${key}): with this one, no token and no API key in it would work. Give this Postern the key of ` +
      'the store that was backed up: its secret_key, or the file beside its database, postern.db.key.',
  )
}

function damaged(what: string): BackupError {
  return new BackupError('damaged', `It ${what}. Nothing was changed; take another backup.`)
}

function readJson(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString())
  } catch {
    throw damaged('has a line that is no JSON')
  }
}

function isEnd(line: Buffer): boolean {
  return line.subarray(0, 10).toString('latin1') === '{"end":tru'
}

/** Records begin with their kind, as they are written. */
function kindOf(line: Buffer): string {
  return /^\{"kind":"([a-z-]+)"/.exec(line.subarray(0, 40).toString('latin1'))?.[1] ?? ''
}

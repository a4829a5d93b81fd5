import type { ArchiveKind } from '../store/contract/archive.ts'

/**
 * A backup is lines of JSON, compressed with gzip: a header, a record in each line, and an end that counts and proves them. docs/backup.md
 * describes it for people.
 */
export const FORMAT_VERSION = 1

export interface BackupHeader {
  readonly type: 'postern-backup'
  /** Its version. */
  readonly format: number
  /** Which Postern wrote it. */
  readonly postern: string
  readonly made_at: string
  readonly store: 'sqlite' | 'redis'
  /** Tells the server key apart from others, without telling it. */
  readonly key: string
}

export interface BackupEnd {
  readonly end: true
  readonly records: Counts
  /** Of all bytes before this line, in hexadecimal. */
  readonly sha256: string
  /** `sha256` under the server key. */
  readonly seal: string
}

export type Counts = Readonly<Partial<Record<ArchiveKind, number>>>

/** HMAC under the server key, as the secret keeper makes it. */
export type Digest = (text: string) => string

/** No secret has spaces: these digests are of no token and no key. */
export function fingerprintOf(digest: Digest): string {
  return digest('postern backup key').slice(0, 16)
}

export function sealOf(digest: Digest, sha256: string): string {
  return digest(`postern backup seal ${sha256}`)
}

/** How far a backup, a check or a restore has come. */
export interface Progress {
  readonly step: 'backup' | 'verify' | 'restore'
  readonly records: number
  /** null: nobody knows. */
  readonly total: number | null
}

export interface BackupSummary {
  readonly header: BackupHeader
  readonly records: Counts
  /** Of the file. */
  readonly bytes: number
}

/**
 * Why a backup was not made or not restored, as a sentence for a person. `damaged`: the file is not whole, was altered, or is no backup;
 * `newer`: of a version that is not known; `key`: of another server key; `used`: the store is not empty, or somebody uses it;
 * `unusable`: a file or store can't be opened; `unfinished`: a restore failed on the way.
 */
export type BackupErrorCode = 'damaged' | 'newer' | 'key' | 'used' | 'unusable' | 'unfinished'

export class BackupError extends Error {
  readonly code: BackupErrorCode
  constructor(code: BackupErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BackupError'
    this.code = code
  }
}

import type { ArchiveKind, ArchiveRecord } from '../contract/archive.ts'

/** How each kind of record is taken in. */
export type Puts<Kind extends ArchiveKind> = {
  readonly [Each in Kind]: (record: Extract<ArchiveRecord, { readonly kind: Each }>) => void
}

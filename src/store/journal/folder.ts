import { readdirSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

/** A file of the journal. */
export interface SegmentFile {
  /** Without the ending: of the writer and a number that rises. */
  readonly name: string
  readonly path: string
  readonly bytes: number
}

const SEGMENT = /^([0-9a-f]{8,64})-(\d{6,})\.journal$/
const LOCK = /^([0-9a-f]{8,64})\.lock$/
const DIGITS = 6

export function segmentName(writer: string, number: number): string {
  return `${writer}-${String(number).padStart(DIGITS, '0')}`
}

export function segmentPath(folder: string, name: string): string {
  return join(folder, `${name}.journal`)
}

/** Held by the writer as long as it lives. */
export function lockPath(folder: string, writer: string): string {
  return join(folder, `${writer}.lock`)
}

/** The files of each writer, in the order in which they were written; of one that has none left but its lock, none. */
export function listFolder(folder: string): ReadonlyMap<string, readonly SegmentFile[]> {
  const writers = new Map<string, SegmentFile[]>()
  const filesOf = (writer: string): SegmentFile[] => {
    const known = writers.get(writer) ?? []
    writers.set(writer, known)
    return known
  }
  // Numbers have leading zeroes, and longer ones come later.
  for (const file of readdirSync(folder).toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
    const [, writer, number] = SEGMENT.exec(file) ?? LOCK.exec(file) ?? []
    if (writer === undefined) continue
    const files = filesOf(writer)
    const path = join(folder, file)
    const stat = number === undefined ? undefined : statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) continue
    files.push({
      name: file.slice(0, file.lastIndexOf('.')),
      path,
      bytes: stat.size,
    })
  }
  return writers
}

/** Also when somebody else did. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** True when there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

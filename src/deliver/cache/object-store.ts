import { LRUCache } from 'lru-cache'
import { createPopularity } from './popularity.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** What is known about a place in a storage. */
export type Slot =
  | StoredAnswer
  /** The answer depends on these request headers; it lies under a key that names their values. */
  | { readonly kind: 'varied'; readonly names: readonly string[] }
  /** What lies there can't be kept. `until`: monotonic ms. */
  | { readonly kind: 'passed'; readonly until: number }

/** A file, or everything below a folder, of one repository or of all. */
interface Purge {
  /** `owner/repo`. undefined: every one. */
  readonly repository: string | undefined
  /** Canonical path, matched by whole segments. undefined: everything. */
  readonly path: string | undefined
}

/** The part of the memory that belongs to one deliverer. */
export interface ObjectShelf {
  /** Keys begin with the path; a line break ends it. */
  readonly read: (key: string) => Slot | undefined
  /** Somebody asks for the file at this path. */
  readonly noteAsked: (path: string) => void
  /**
   * Whether an answer of so many bytes for this path is worth its room: there is some, or it was asked for more often of late than each of
   * those that would have to go for it. Without a number: an answer as large as the average one here. Else a storage of many files would turn the whole memory over and over for nothing.
   */
  readonly isWorth: (path: string, bytes?: number) => boolean
  /** Keeps `slot` if there is room for it, nothing was purged since `era`, and what lies there is no newer answer. */
  readonly write: (key: string, slot: Slot, era: number) => void
  readonly remove: (key: string) => void
  /** A number that every purge changes. */
  readonly era: () => number
  /** Forgets everything of this deliverer. Nothing is kept any more. */
  readonly close: () => void
}

/** Answers of all storages in the memory of this process, the least recently used ones going first. */
export interface ObjectStore {
  /** A shelf of its own for each deliverer, even for two of the same repository. */
  readonly open: (repository: string) => ObjectShelf
  /** Gives how many answers were forgotten. What is being fetched meanwhile is not kept. */
  readonly purge: (what: Purge) => number
  readonly size: () => { readonly objects: number; readonly bytes: number }
}

/** Of a slot without its content, key and headers. */
const OVERHEAD_BYTES = 500

/** Requests after which what was asked for before them counts half. */
const PERIOD = 100_000

interface Kept {
  readonly repository: string
  readonly path: string
  /** What it is asked for as, see noteAsked: the shelf and the path. */
  readonly asked: string
  readonly slot: Slot
}

export function createObjectStore(maxBytes: number): ObjectStore {
  const slots = new LRUCache<string, Kept>({ maxSize: maxBytes })
  const popularity = createPopularity(PERIOD)
  let era = 0
  let shelves = 0

  const isWorth = (asked: string, bytes: number): boolean => {
    let free = maxBytes - slots.calculatedSize
    if (free >= bytes) return true
    const wanted = popularity.of(asked)
    // From the one that would go first.
    for (const key of slots.rkeys()) {
      const kept = slots.peek(key)
      if (kept === undefined) continue
      if (kept.asked !== asked && popularity.of(kept.asked) >= wanted) return false
      free += sizeOf(key, kept.slot)
      if (free >= bytes) return true
    }
    return false
  }

  /** Gives how many answers it forgot. */
  const forget = (isMeant: (key: string, kept: Kept) => boolean): number => {
    era += 1
    const meant = Array.from(slots.entries()).filter(([key, kept]) => isMeant(key, kept))
    for (const [key] of meant) slots.delete(key)
    return meant.filter(([, { slot }]) => slot.kind === 'answer').length
  }
  return {
    open: (repository) => {
      const prefix = `${(shelves += 1)}\n`
      let isClosed = false
      return {
        read: (key) => slots.get(prefix + key)?.slot,
        noteAsked: (path) => popularity.note(prefix + path),
        isWorth: (path, bytes = slots.calculatedSize / Math.max(1, slots.size)) =>
          isWorth(prefix + path, bytes),
        write: (key, slot, since) => {
          if (isClosed || since !== era || isNewer(slots.peek(prefix + key)?.slot, slot)) return
          const [path = ''] = key.split('\n', 1)
          slots.set(
            prefix + key,
            { repository, path, asked: prefix + path, slot },
            { size: sizeOf(key, slot) },
          )
        },
        remove: (key) => void slots.delete(prefix + key),
        era: () => era,
        close: () => {
          isClosed = true
          forget((key) => key.startsWith(prefix))
        },
      }
    },
    purge: ({ repository, path }) =>
      forget((_, kept) => (repository ?? kept.repository) === kept.repository && isBelow(path, kept.path)),
    size: () => ({ objects: slots.size, bytes: slots.calculatedSize }),
  }
}

function isNewer(before: Slot | undefined, now: Slot): boolean {
  return before?.kind === 'answer' && now.kind === 'answer' && before.requestedAt > now.requestedAt
}

function sizeOf(key: string, slot: Slot): number {
  const bytes = OVERHEAD_BYTES + 2 * key.length
  if (slot.kind !== 'answer') return bytes
  return slot.headers.reduce((sum, text) => sum + text.length, bytes + slot.content.length)
}

function isBelow(folder: string | undefined, path: string): boolean {
  if (folder === undefined || path === folder) return true
  return path.startsWith(folder.endsWith('/') || folder === '' ? folder : `${folder}/`)
}

import type { Batch, UsageDelta } from '../contract.ts'
import { decodeHeader, decodeLine, type Entry } from './entry.ts'

/** What goes to the store in one call. */
export interface SegmentBatch {
  readonly batch: Batch
  readonly entries: readonly Entry[]
}

/** The contents of a file of the journal. */
export interface Segment {
  readonly batches: readonly SegmentBatch[]
  readonly entries: number
  /** Epoch ms; undefined where nothing can be read. */
  readonly begunAt: number | undefined
  /** `torn`: the last line is not whole, as after a loss of power; `damaged`: so is something before it. What is whole counts. */
  readonly state: 'whole' | 'torn' | 'damaged' | 'unreadable'
}

/** A batch ends with the line that makes it so long, in characters. Belongs to the format: see entry.ts. */
const BATCH_LENGTH = 32_768
const NOTHING = { batches: [], entries: 0, begunAt: undefined }

/** Reads the text of a file. `name` is that of the file, which no other one of any folder has; batches are named after it. */
export function readSegment(name: string, text: string): Segment {
  if (text === '') return { ...NOTHING, state: 'whole' }
  const lines = text.split('\n')
  const tail = lines.pop() ?? ''
  const [header, ...rest] = lines
  if (header === undefined) return { ...NOTHING, state: 'torn' }
  const at = decodeHeader(header)
  if (at === undefined) return { ...NOTHING, state: 'unreadable' }
  const turns = rest.map((line) => ({ length: line.length, entries: decodeLine(line) }))
  const lost = turns.findIndex(({ entries }) => entries === undefined)
  const isTorn = tail !== '' || (lost !== -1 && lost === turns.length - 1)
  const isDamaged = lost !== -1 && (lost < turns.length - 1 || tail !== '')
  const batches = cut(turns).map((entries, index) => ({ batch: { id: `${name}.${index}`, at }, entries }))
  return {
    batches: batches.filter(({ entries }) => entries.length > 0),
    entries: batches.reduce((sum, { entries }) => sum + entries.length, 0),
    begunAt: at,
    state: isDamaged ? 'damaged' : isTorn ? 'torn' : 'whole',
  }
}

interface Turn {
  readonly length: number
  readonly entries: readonly Entry[] | undefined
}

function cut(turns: readonly Turn[]): readonly (readonly Entry[])[] {
  const batches: Entry[][] = [[]]
  let length = 0
  for (const turn of turns) {
    if (length >= BATCH_LENGTH) {
      batches.push([])
      length = 0
    }
    length += turn.length
    batches.at(-1)?.push(...(turn.entries ?? []))
  }
  return batches
}

const SECOND_MS = 1_000

/** The traffic of some entries, in their order; what one token used within a second of one period is added up. */
export function sumUp(entries: readonly Entry[]): readonly UsageDelta[] {
  const sums = new Map<string, UsageDelta>()
  for (const entry of entries) {
    if (entry.kind !== 'usage') continue
    const { token, periodStart, lastUsedAt } = entry.delta
    const name = `${token} ${periodStart} ${Math.floor(lastUsedAt / SECOND_MS)}`
    const known = sums.get(name)
    sums.set(name, known === undefined ? entry.delta : addDeltas(known, entry.delta))
  }
  return [...sums.values()]
}

function addDeltas(sum: UsageDelta, more: UsageDelta): UsageDelta {
  const clients = new Map(sum.clients)
  for (const [client, downloads] of more.clients) clients.set(client, (clients.get(client) ?? 0) + downloads)
  return {
    ...sum,
    downloads: sum.downloads + more.downloads,
    bytes: sum.bytes + more.bytes,
    clients,
    lastUsedAt: Math.max(sum.lastUsedAt, more.lastUsedAt),
  }
}

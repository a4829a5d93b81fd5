import { BATCH_MS, type UsageDelta } from '../contract.ts'
import { isDoubtful } from './errors.ts'
import type { Keys } from './keys.ts'
import type { Scripts } from './scripts.ts'
import { inGroups } from '../slices.ts'

/** Deltas that one call adds, all or none of them. */
interface Chunk {
  /** Key of the mark that says which chunk was the last. Chunks of one mark go one after the other. */
  readonly mark: string
  readonly number: number
  /** Of a batch that is forgotten elsewhere once it is acknowledged. */
  readonly isBatch: boolean
  readonly deltas: readonly UsageDelta[]
}

export interface RecorderOptions {
  readonly scripts: Pick<Scripts, 'record' | 'recordBatch'>
  readonly keys: Keys
  /** Tokens lie on different servers: each is a chunk of its own. */
  readonly isCluster: boolean
  /** Unique among all processes. */
  readonly writer: string
  /** Traffic of a token was lost, because something is wrong about its keys. */
  readonly onLost: (token: string, reason: string) => void
}

/** Also the parts of a batch: another number would let parts of one that was begun before count twice. */
const TOKENS_AT_ONCE = 200
const MARKS_AT_ONCE = 100
const DAY_MS = 86_400_000
const WRITER_MARK_MS = DAY_MS
/** A batch is refused a day before its marks are gone. */
const BATCH_MARK_MS = BATCH_MS + DAY_MS

/**
 * Adds traffic exactly once, also when an answer is lost. A call that rejects added nothing. One that resolves has added everything, or
 * keeps the rest and adds it before the next call adds anything.
 */
export function createRecorder(options: RecorderOptions): {
  readonly record: (deltas: readonly UsageDelta[]) => Promise<void>
  /** Adds each part of the batch unless somebody did before. Rejects when a part may be missing. */
  readonly recordBatch: (deltas: readonly UsageDelta[], id: string) => Promise<void>
  /** Adds what is kept. */
  readonly flush: () => Promise<void>
} {
  let kept: readonly Chunk[] = []
  let count = 0
  let last: Promise<unknown> = Promise.resolve()

  /** One after the other: what is kept must not change while it is sent. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
  const addKept = async (): Promise<void> => {
    const { left, error } = await sendAll(options, kept)
    kept = left
    if (left.length > 0) throw error
  }
  const add = async (deltas: readonly UsageDelta[]): Promise<void> => {
    await addKept()
    const chunks = toChunks(options, deltas, () => ++count)
    const { left, error } = await sendAll(options, chunks)
    if (left.length === chunks.length && left.length > 0 && !isDoubtful(error)) throw error
    kept = left
  }
  return {
    record: (deltas) => inTurn(() => add(deltas)),
    recordBatch: async (deltas, id) => {
      const { left, error } = await sendGroups(options, toParts(options, deltas, id))
      if (left.length > 0) throw error
    },
    flush: () => inTurn(addKept),
  }
}

function toChunks(
  { keys, isCluster, writer }: RecorderOptions,
  deltas: readonly UsageDelta[],
  nextNumber: () => number,
): Chunk[] {
  return inGroups(deltas, isCluster ? 1 : TOKENS_AT_ONCE).map((some) => ({
    mark: keys.recorded(writer, isCluster ? some[0]?.token : undefined),
    number: nextNumber(),
    isBatch: false,
    deltas: some,
  }))
}

/** The parts of a batch: the deltas of a token stay in their order. */
function toParts({ keys, isCluster }: RecorderOptions, deltas: readonly UsageDelta[], id: string): Chunk[][] {
  const part = (mark: string, some: readonly UsageDelta[]): Chunk => ({
    mark,
    number: 1,
    isBatch: true,
    deltas: some,
  })
  if (isCluster) {
    const byToken = [...Map.groupBy(deltas, ({ token }) => token)]
    return byToken.map(([token, some]) => [part(keys.batch(id, token), some)])
  }
  return [inGroups(deltas, TOKENS_AT_ONCE).map((some, index) => part(keys.batch(`${id}.${index}`), some))]
}

interface Sent {
  /** Chunks that were not added, or may not have been. */
  readonly left: readonly Chunk[]
  /** Why; a doubtful reason if there is one. */
  readonly error: unknown
}

function sendAll(options: RecorderOptions, chunks: readonly Chunk[]): Promise<Sent> {
  return sendGroups(options, [...Map.groupBy(chunks, ({ mark }) => mark).values()])
}

/** Those of a group go one after the other. */
async function sendGroups(options: RecorderOptions, groups: readonly (readonly Chunk[])[]): Promise<Sent> {
  const sent: Sent[] = []
  for (const some of inGroups(groups, MARKS_AT_ONCE)) {
    sent.push(...(await Promise.all(some.map((each) => sendInOrder(options, each)))))
  }
  const failed = sent.filter(({ left }) => left.length > 0)
  const worst = failed.find(({ error }) => isDoubtful(error)) ?? failed[0]
  return { left: failed.flatMap(({ left }) => left), error: worst?.error }
}

/** Stops at the first that fails: a later mark would hide that it is missing. */
async function sendInOrder(options: RecorderOptions, chunks: readonly Chunk[]): Promise<Sent> {
  for (const [index, chunk] of chunks.entries()) {
    try {
      await send(options, chunk)
    } catch (error) {
      return { left: chunks.slice(index), error }
    }
  }
  return { left: [], error: undefined }
}

async function send(
  { scripts, keys, onLost }: RecorderOptions,
  { mark, number, isBatch, deltas }: Chunk,
): Promise<void> {
  const allKeys = [mark, ...deltas.flatMap(({ token }) => [keys.usage(token), keys.clients(token)])]
  const record = isBatch ? scripts.recordBatch : scripts.record
  const keptMs = isBatch ? BATCH_MARK_MS : WRITER_MARK_MS
  const failures = await record(allKeys, [number, keptMs, ...deltas.flatMap(deltaValues)])
  for (const [position, reason] of inGroups(failures, 2)) {
    onLost(deltas[Number(position)]?.token ?? '', String(reason))
  }
}

function deltaValues(delta: UsageDelta): (string | number)[] {
  const { downloads, bytes, lastUsedAt, periodStart, clients } = delta
  return [downloads, bytes, lastUsedAt, periodStart ?? '', clients.size, ...[...clients].flat()]
}

import type { Part, SearchIndex } from './contract.ts'
import { compareEntries } from './compare.ts'
import type { Entry } from './sets.ts'

/** Entries that are read at once. */
const CHUNK = 500

interface Stream {
  readonly part: Part
  position: number
  waiting: readonly Entry[]
  at: number
  isOver: boolean
}

/** All entries of several parts in one order, some at a time. */
export async function* mergeParts(
  index: Pick<SearchIndex, 'read'>,
  parts: readonly Part[],
  descending: boolean,
): AsyncGenerator<readonly Entry[]> {
  let streams = parts.map((part): Stream => ({ part, position: 0, waiting: [], at: 0, isOver: false }))
  for (;;) {
    await Promise.all(streams.map((stream) => fill(index, stream, descending)))
    streams = streams.filter(({ waiting }) => waiting.length > 0)
    if (streams.length === 0) return
    yield takeUntilEmpty(streams, descending)
  }
}

async function fill(index: Pick<SearchIndex, 'read'>, stream: Stream, descending: boolean): Promise<void> {
  if (stream.at < stream.waiting.length) return
  stream.waiting = stream.isOver ? [] : await index.read(stream.part, stream.position, CHUNK, descending)
  stream.position += stream.waiting.length
  stream.isOver = stream.waiting.length < CHUNK
  stream.at = 0
}

/** Up to where one of them has to be filled again. */
function takeUntilEmpty(streams: readonly Stream[], descending: boolean): readonly Entry[] {
  const [only] = streams
  if (only !== undefined && streams.length === 1) {
    const rest = only.waiting.slice(only.at)
    only.at = only.waiting.length
    return rest
  }
  const taken: Entry[] = []
  for (;;) {
    const next = nextOf(streams, descending)
    const entry = next?.waiting[next.at]
    if (next === undefined || entry === undefined) return taken
    taken.push(entry)
    next.at++
    if (next.at === next.waiting.length) return taken
  }
}

function nextOf(streams: readonly Stream[], descending: boolean): Stream | undefined {
  let first: Stream | undefined
  for (const stream of streams) {
    const [entry, best] = [stream.waiting[stream.at], first?.waiting[first.at]]
    if (entry === undefined) continue
    const order = best === undefined ? -1 : compareEntries(entry, best)
    if (descending && best !== undefined ? order > 0 : order < 0) first = stream
  }
  return first
}

import { setTimeout as pause } from 'node:timers/promises'
import type { ApiClient } from './api-client.ts'
import type { CliContext } from './dependencies.ts'
import { CliError } from './errors.ts'
import { readFields, readList } from './json-fields.ts'
import type { ListQuery } from './lists.ts'

const POLL_MS = 2_000
/** A line carries the instant at which its change began: one may be written behind others that are later, also by hosts with other clocks. */
const LATE_MS = 60_000
const PAGE_SIZE = 500

export interface Followed {
  readonly path: readonly string[]
  /** What lines are wanted. `since`: with those from then on; else only what comes from now on. */
  readonly query: ListQuery
  /** Is given what is new, oldest first; never nothing. */
  readonly print: (entries: readonly unknown[]) => void
}

/**
 * Prints lines of the audit log as they come, each once, until it is ended. An API that does not answer is asked again, unless it never did.
 * @throws CliError when it never did, or says no.
 */
export async function followAudit(
  { stderr, untilEnded }: CliContext,
  api: ApiClient,
  { path, query, print }: Followed,
): Promise<void> {
  const signal = untilEnded()
  const feed = createFeed((page) => api({ method: 'GET', path, query: page, signal }), query)
  let isAway = false
  const look = async (): Promise<void> => {
    const entries = await feed.read()
    if (isAway) stderr.write('It answers again.\n')
    isAway = false
    if (entries.length > 0) print(entries)
  }
  const excuse = (error: unknown): void => {
    if (signal.aborted || !(error instanceof CliError && error.mayPass)) throw error
    if (!isAway) stderr.write(`${error.message}\nIt is asked again every ${POLL_MS / 1_000} seconds.\n`)
    isAway = true
  }
  try {
    await feed.begin()
    await look()
    if (stderr.isTerminal) stderr.write('Waiting for changes; Ctrl-C ends it.\n')
    for (;;) {
      await pause(POLL_MS, undefined, { signal })
      await look().catch(excuse)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

interface Feed {
  /** Passes over what there is, unless that is wanted. */
  readonly begin: () => Promise<void>
  /** What came since the last time, oldest first. */
  readonly read: () => Promise<readonly unknown[]>
}

/** `ask` reads a page of the list, newest first. */
function createFeed(ask: (query: ListQuery) => ReturnType<ApiClient>, wanted: ListQuery): Feed {
  /** Lines that were read and may be met again, with their instants. */
  const known = new Map<string, number>()
  let since = wanted['since']
  const earliest = since === undefined ? -Infinity : Date.parse(String(since))
  const read: Feed['read'] = async () => {
    const bounds = { ...wanted, ...(since === undefined ? {} : { since }), page_size: PAGE_SIZE }
    // By id: what comes meanwhile moves others to the next page. Noted only when all of it is here: a page that fails loses none of the others.
    const fresh = new Map<string, unknown>()
    for (let page = 1; ; page++) {
      const { body, count, pages } = await ask({ ...bounds, page })
      for (const entry of readList(body)) if (!known.has(idOf(entry))) fresh.set(idOf(entry), entry)
      if (page >= pages || known.size + fresh.size >= count) break
    }
    for (const entry of fresh.values()) note(known, entry)
    since = forget(known, earliest) ?? since
    return [...fresh.values()].toReversed()
  }
  return {
    begin: async () => {
      if (since !== undefined) return
      const { body } = await ask({ ...wanted, page: 1, page_size: 1 })
      const [latest] = readList(body)
      if (latest === undefined) return
      note(known, latest)
      since = forget(known, earliest)
      await read()
    },
    read,
  }
}

function idOf(entry: unknown): string {
  return readFields(entry).text('uuid') ?? ''
}

function note(known: Map<string, number>, entry: unknown): void {
  known.set(idOf(entry), Date.parse(readFields(entry).text('event_at') ?? ''))
}

/**
 * Forgets lines that are too old for others to be written before them, and gives the instant from which on the others are. undefined: all of
 * them may be met again.
 */
function forget(known: Map<string, number>, earliest: number): string | undefined {
  let from = -Infinity
  for (const at of known.values()) from = Math.max(from, at - LATE_MS)
  if (!(from > earliest)) return undefined
  for (const [id, at] of known) if (!(at >= from)) known.delete(id)
  return new Date(from).toISOString()
}

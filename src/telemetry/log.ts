import { write as writeFile } from 'node:fs'
import { pino } from 'pino'
import { describeError } from './describe-error.ts'
import { createLineQueue, type LogDestination } from './line-queue.ts'
import { fitLine, inWholeLines } from './shared-output.ts'
import type { Observation } from './observation.ts'

export type { LogDestination } from './line-queue.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Facts beside a message. An error is described by message, code and cause. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined | Error>>

/**
 * A log of JSON lines. Writing one never blocks, fails or waits. Secrets can't get in: no field takes a URL, a header (but the user
 * agent) or an object. Control and invisible characters are escaped, so that no customer can write to the terminal of whoever
 * reads along.
 */
export interface Log {
  /** One line about a finished request, of level info. */
  readonly access: (observation: Observation) => void
  readonly debug: (message: string, fields?: LogFields) => void
  readonly info: (message: string, fields?: LogFields) => void
  readonly warn: (message: string, fields?: LogFields) => void
  readonly error: (message: string, error?: unknown, fields?: LogFields) => void
  /** Resolves when all is written, at the latest after `timeoutMs`; to false when something was not. For the end of the process. */
  readonly flush: (timeoutMs?: number) => Promise<boolean>
}

export interface LogOptions {
  /** The least serious level that is written. Lines about requests are of level info. */
  readonly level: LogLevel
  /** Default: standard output. */
  readonly destination?: LogDestination
  /** Epoch ms. */
  readonly clock?: () => number
  /** Bytes that wait for a slow reader, about. Lines beyond are lost, and a line tells how many. */
  readonly maxWaitingBytes?: number
  /** Other processes write to the same destination: lines stay whole all the same. Very long ones are shortened. */
  readonly isShared?: boolean
  /** The worker process that writes; stands on each line. */
  readonly worker?: number | undefined
}

const WAITING_BYTES = 4 * 1024 * 1024
const FLUSH_MS = 2000
const LONGEST_USER_AGENT = 200
const LONGEST_TEXT = 1000
/** Names that each line has already. */
const OURS: ReadonlySet<string> = new Set(['time', 'level', 'msg'])

export function createLog({
  level,
  destination = fileDestination(1),
  clock = Date.now,
  maxWaitingBytes = WAITING_BYTES,
  isShared = false,
  worker,
}: LogOptions): Log {
  const queue = createLineQueue({
    destination: isShared ? inWholeLines(destination) : destination,
    maxBytes: maxWaitingBytes,
    lostLine: (lines) =>
      `${JSON.stringify({ level: 'warn', time: instant(clock()), worker, lines, msg: 'Log lines were lost' })}\n`,
  })
  const escape = isShared ? (line: string) => fitLine(line, escapeInvisible) : escapeInvisible
  const write = (line: string): void => queue.push(escape(line))
  const logger = pino(
    { level, base: null, timestamp: false, formatters: { level: (label) => ({ level: label }) } },
    { write },
  )
  const instantOfRequest = createInstantCache()
  const fieldsAt = (fields: LogFields = {}): Record<string, unknown> => ({
    time: instant(clock()),
    ...(worker === undefined ? {} : { worker }),
    ...Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) => (OURS.has(name) ? [] : [[name, asField(value)]])),
    ),
  })
  return {
    access: (observation) => {
      if (!logger.isLevelEnabled('info')) return
      // In one go: 0.4 µs, where pino needs 2 for so many fields.
      write(`${JSON.stringify(describeRequest(observation, instantOfRequest(observation.at), worker))}\n`)
    },
    debug: (message, fields) => logger.debug(fieldsAt(fields), '%s', message),
    info: (message, fields) => logger.info(fieldsAt(fields), '%s', message),
    warn: (message, fields) => logger.warn(fieldsAt(fields), '%s', message),
    error: (message, error, fields) => {
      const described = error === undefined ? {} : { error: describeError(error) }
      logger.error({ ...fieldsAt(fields), ...described }, '%s', message)
    },
    flush: (timeoutMs = FLUSH_MS) => queue.flush(timeoutMs),
  }
}

/**
 * Writes to an open file in a thread of Node's pool, so that a slow reader holds up no request. It holds that thread, though: one
 * of four.
 */
export function fileDestination(descriptor: number): LogDestination {
  return (bytes, done) => writeFile(descriptor, bytes, done)
}

function describeRequest(
  observation: Observation,
  time: string,
  worker: number | undefined,
): Record<string, unknown> {
  const { artifact, token, userAgent } = observation
  return {
    level: 'info',
    time,
    worker,
    method: observation.method,
    status: observation.status,
    outcome: observation.outcome,
    repository: observation.repository,
    path: artifact?.path ?? null,
    package: artifact?.name ?? null,
    version: artifact?.version ?? null,
    token: token?.slugPerm ?? null,
    entrance: observation.entrance,
    client: observation.client,
    bytes: observation.bytes,
    handed_over: observation.handedOver,
    downloads: observation.charged,
    duration_ms: rounded(observation.durationMs),
    upstream_ms: observation.upstreamMs === null ? null : rounded(observation.upstreamMs),
    user_agent: userAgent === null ? null : userAgent.slice(0, LONGEST_USER_AGENT),
    msg: 'request',
  }
}

function asField(value: unknown): unknown {
  if (value instanceof Error) return describeError(value)
  if (typeof value === 'string') return value.slice(0, LONGEST_TEXT)
  // The types exclude objects; should one come all the same, its contents stay out.
  return typeof value === 'object' && value !== null ? '(object)' : value
}

const INVISIBLE = /(?!\n)[\p{C}\u2028\u2029]/gu

/** JSON lets control characters from U+007F on and the marks that turn writing around stand as they are; terminals obey them. */
function escapeInvisible(line: string): string {
  // Most lines are plain ASCII, and this test is much cheaper.
  if (/^[ -~]*\n$/.test(line)) return line
  return line.replaceAll(INVISIBLE, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i))}`).join(''),
  )
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0')
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/** Under load many requests fall into one millisecond. */
function createInstantCache(): (epochMs: number) => string {
  let last = 0
  let text = instant(last)
  return (epochMs) => {
    if (epochMs !== last) [last, text] = [epochMs, instant(epochMs)]
    return text
  }
}

/** Also of a time that is none: a log must not fail. */
function instant(epochMs: number): string {
  return Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : 'unknown'
}

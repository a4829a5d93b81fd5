import { crc32 } from 'node:zlib'
import type { Settleable, UsageDelta } from '../contract.ts'

/** What the store has to be told later. */
export type Entry =
  /** Traffic to be added. */
  | { readonly kind: 'usage'; readonly delta: UsageDelta }
  /** The end of a delivery that the store had granted. */
  | {
      readonly kind: 'end'
      readonly reservation: Settleable
      readonly sentBytes: number
      readonly at: number
    }

/** Entries of one turn, as a line of a file: a checksum, and JSON. Ends in a newline, and holds no other. */
export function encodeLine(entries: readonly Entry[]): string {
  return sealLine(JSON.stringify(entries.map(pack)))
}

/** undefined: not a whole line of ours. */
export function decodeLine(line: string): readonly Entry[] | undefined {
  const packed = openLine(line)
  if (!Array.isArray(packed)) return undefined
  const entries = packed.map(unpack)
  return entries.every((entry) => entry !== undefined) ? entries : undefined
}

/** The first line of a file. `at`: when it was begun, epoch ms. */
export function encodeHeader(at: number): string {
  return sealLine(JSON.stringify({ journal: FORMAT, at }))
}

/** When the file was begun; undefined when the line is not the first one of a file that can be read. */
export function decodeHeader(line: string): number | undefined {
  const header = openLine(line)
  if (!isRecord(header) || header['journal'] !== FORMAT) return undefined
  return isCount(header['at']) ? header['at'] : undefined
}

/** Also tells where batches end, see segment.ts: a file that was counted in part must be cut the same way again. */
const FORMAT = 1
const CHECKSUM_DIGITS = 8

function sealLine(json: string): string {
  return `${checksumOf(json)} ${json}\n`
}

function openLine(line: string): unknown {
  const json = line.slice(CHECKSUM_DIGITS + 1)
  if (line.slice(0, CHECKSUM_DIGITS + 1) !== `${checksumOf(json)} `) return undefined
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function checksumOf(json: string): string {
  return crc32(json).toString(16).padStart(CHECKSUM_DIGITS, '0')
}

function pack(entry: Entry): readonly unknown[] {
  if (entry.kind === 'end') {
    const { id, token, client, artifact, epoch, reservedBytes, trace = null } = entry.reservation
    return ['end', id, token, client, artifact, epoch, reservedBytes, entry.sentBytes, entry.at, trace]
  }
  const { token, periodStart, lastUsedAt, downloads, bytes, clients } = entry.delta
  return ['use', token, periodStart ?? null, lastUsedAt, downloads, bytes, ...[...clients].flat()]
}

function unpack(packed: unknown): Entry | undefined {
  if (!Array.isArray(packed)) return undefined
  const [kind, ...values] = packed as readonly unknown[]
  if (kind === 'end') return unpackEnd(values)
  return kind === 'use' ? unpackUsage(values) : undefined
}

function unpackEnd(values: readonly unknown[]): Entry | undefined {
  const [id, token, client, artifact, epoch, reservedBytes, sentBytes, at, trace] = values
  if (!isText(id) || !isText(token) || !isText(client) || !isText(artifact)) return undefined
  if (!isCount(epoch) || !isCount(reservedBytes) || !isCount(sentBytes) || !isCount(at)) return undefined
  if (trace !== null && !isText(trace)) return undefined
  const reservation = { id, token, client, artifact, epoch, reservedBytes, ...(trace !== null && { trace }) }
  return { kind: 'end', reservation, sentBytes, at }
}

function unpackUsage(values: readonly unknown[]): Entry | undefined {
  const [token, periodStart, lastUsedAt, downloads, bytes, ...pairs] = values
  if (!isText(token) || (periodStart !== null && !isCount(periodStart))) return undefined
  if (!isCount(lastUsedAt) || !isCount(downloads) || !isCount(bytes)) return undefined
  const clients = new Map<string, number>()
  for (let index = 0; index < pairs.length; index += 2) {
    const [client, count] = pairs.slice(index, index + 2)
    if (!isText(client) || !isCount(count)) return undefined
    clients.set(client, count)
  }
  return { kind: 'usage', delta: { token, periodStart, lastUsedAt, downloads, bytes, clients } }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** Refunds are below zero. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

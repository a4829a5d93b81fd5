import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { Body, DeliveryOrder, Opened } from '../contract.ts'
import { valueOf } from '../header-list.ts'
import { collect, tooLarge } from './collect.ts'
import { decode } from './decode.ts'
import type { Room } from './room.ts'

export interface DocumentOptions {
  /** Largest document, before and after decoding. */
  readonly limitBytes: number
  /** Shared by all that read documents. */
  readonly room: Room
}

/** What a document is taken for while it is read, where the storage does not tell its size. Few have more. */
const UNTOLD_BYTES = 8 * 1024 * 1024
/** JSON and pages of links become so much smaller when they are compressed, or a little more. */
const COMPRESSION = 10

/**
 * Takes a document into memory, decoded, and gives it to `use` when there is room for it. A refusal when the storage breaks off or the client
 * is gone; rejects for a document that is too large or can't be decoded.
 */
export async function useDocument<T>(
  order: DeliveryOrder,
  { headers, extent }: Opened,
  body: Body,
  { limitBytes, room }: DocumentOptions,
  use: (document: Buffer) => Promise<T>,
): Promise<T | Refusal> {
  const { size } = extent
  if (size !== null && size > limitBytes) {
    body.discard()
    throw tooLarge(limitBytes)
  }
  const leave = await room.take(size ?? UNTOLD_BYTES, order.onGone)
  if (leave === undefined) {
    body.discard()
    return refuse('upstream_failed')
  }
  const sent = await collect(body, limitBytes).finally(leave)
  // Whoever broke off is known already: the inner deliverer has told of its failure.
  if (sent === undefined) return refuse('upstream_failed')
  const encoding = valueOf(headers, 'content-encoding')
  if (encoding === undefined) return within(room, sent.length, order, () => use(sent))
  const likely = Math.min(limitBytes, sent.length * COMPRESSION)
  const found = await within(room, likely, order, async () => {
    const document = await decode(sent, encoding, likely).catch(passOverLonger)
    return document === undefined ? LONGER : use(document)
  })
  if (found !== LONGER) return found
  return within(room, limitBytes, order, async () => use(await decode(sent, encoding, limitBytes)))
}

const LONGER = Symbol('longer')

async function within<T>(
  room: Room,
  bytes: number,
  { onGone }: DeliveryOrder,
  work: () => Promise<T>,
): Promise<T | Refusal> {
  const leave = await room.take(bytes, onGone)
  if (leave === undefined) return refuse('upstream_failed')
  return work().finally(leave)
}

/** What becomes larger than was thought has to wait for more room: else a few kilobytes would take tens of megabytes, as often as they are asked for. */
function passOverLonger(error: unknown): undefined {
  const isLonger = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
  if (!isLonger) throw error
}

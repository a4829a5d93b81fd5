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
  const bytes = encoding === undefined ? sent.length : Math.min(limitBytes, sent.length * COMPRESSION)
  const leaveWork = await room.take(bytes, order.onGone)
  if (leaveWork === undefined) return refuse('upstream_failed')
  try {
    return await use(await decode(sent, encoding, limitBytes))
  } finally {
    leaveWork()
  }
}

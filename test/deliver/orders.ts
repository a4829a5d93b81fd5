import { once } from 'node:events'
import { Writable } from 'node:stream'
import type { Body, Deliverer, DeliveryOrder, Opened, Sent } from '../../src/deliver/contract.ts'
import type { Artifact } from '../../src/policy/types.ts'

export const BASE_URL = 'https://dl.example.com/SECRET/acme/raw/'

/** A file of a raw repository. */
export function artifactAt(path: string, more: Partial<Artifact> = {}): Artifact {
  const filename = path.slice(path.lastIndexOf('/') + 1)
  return { format: 'raw', kind: 'package', path, filename, ...more }
}

/** An order for `path` by a client that stays. */
export function orderFor(path: string, more: Partial<DeliveryOrder> = {}): DeliveryOrder {
  return {
    method: 'GET',
    artifact: artifactAt(path),
    query: '',
    headers: {},
    baseUrl: BASE_URL,
    openUrl: () => more.baseUrl ?? BASE_URL,
    includes: undefined,
    includesAllVersions: () => true,
    mayBeSentTo: () => false,
    onGone: () => undefined,
    ...more,
  }
}

/** A client that can go away. */
export function leavingClient(): { onGone: DeliveryOrder['onGone']; leave: () => void } {
  const listeners: (() => void)[] = []
  let gone = false
  return {
    onGone: (listener) => void (gone ? listener() : listeners.push(listener)),
    leave: () => {
      gone = true
      for (const listener of listeners) listener()
    },
  }
}

/** What a client was given. */
export interface Delivered extends Opened {
  readonly content: Buffer
  readonly sent: Sent | undefined
  readonly header: (name: string) => string | undefined
}

/** Orders and takes the whole answer. Rejects when it is a refusal. */
export async function deliver(deliverer: Deliverer, order: DeliveryOrder): Promise<Delivered> {
  const opened = await deliverer.open(order)
  if (!opened.ok) throw new Error(`refused: ${opened.code}`)
  const taken = opened.body === null ? undefined : await take(opened.body)
  return { ...opened, content: Buffer.alloc(0), sent: undefined, ...taken, header: readHeader(opened) }
}

/** The code of a refusal. Lets an answer that is none go, and rejects. */
export async function refusalOf(deliverer: Deliverer, order: DeliveryOrder): Promise<string> {
  const opened = await deliverer.open(order)
  if (!opened.ok) return opened.code
  opened.body?.discard()
  throw new Error(`not refused: ${opened.status}`)
}

/** Reads a header of a flat list; several of the same name are joined. */
export function readHeader({ headers }: Pick<Opened, 'headers'>): (name: string) => string | undefined {
  return (name) => {
    const values = headers.filter((_, at) => at % 2 === 1 && headers[at - 1] === name)
    return values.length === 0 ? undefined : values.join(' + ')
  }
}

/** Sends a body into memory, at most `mostBytes` of it. */
export async function take(
  body: Body,
  mostBytes?: number,
): Promise<{ content: Buffer; sent: Sent; isBroken: boolean }> {
  const chunks: Buffer[] = []
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk)
      done()
    },
  })
  const closed = once(sink, 'close')
  const sent = await body.send(sink, mostBytes)
  await closed
  return { content: Buffer.concat(chunks), sent, isBroken: !sink.writableFinished }
}

/** A client that takes nothing after its first chunk, until it is destroyed. */
export function stalledClient(): Writable {
  return new Writable({ write: () => undefined })
}

/** The body of an answer that must have one. */
export async function openBody(deliverer: Deliverer, order: DeliveryOrder): Promise<Body> {
  const opened = await deliverer.open(order)
  if (!opened.ok || opened.body === null) throw new Error('there is no body')
  return opened.body
}

import type { Socket } from 'node:net'
import { createWireClient, type WireClient } from '../../../src/deliver/wire/client.ts'
import { WireError } from '../../../src/deliver/wire/errors.ts'
import type { AnswerHandler, Flow } from '../../../src/deliver/wire/exchange.ts'
import type { WireOptions } from '../../../src/deliver/wire/options.ts'
import type { WireRequest } from '../../../src/deliver/wire/request.ts'
import { startCrudeServer, type CrudeServer } from '../../support/crude-server.ts'
import { waitFor } from '../../support/processes.ts'

/** How an exchange went, as its handler heard of it. */
export interface Heard {
  /** undefined before the head. */
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly content: Buffer
  readonly end: 'whole' | 'failed' | undefined
  readonly error: Error | undefined
}

/** An exchange under way. */
export interface Listening {
  readonly flow: Flow
  readonly heard: () => Heard
  /** Resolves at the end, whichever it is. */
  readonly ended: Promise<Heard>
}

export const GET_X: WireRequest = { method: 'GET', path: '/x', headers: {} }
export const HEAD_X: WireRequest = { ...GET_X, method: 'HEAD' }

/** Asks and takes all that comes. Rejects nothing, and hears it when something follows the end. */
export function listen(client: WireClient, request: WireRequest = GET_X, customer?: string): Listening {
  const { promise, resolve } = Promise.withResolvers<Heard>()
  const chunks: Buffer[] = []
  let so: Omit<Heard, 'content'> = { status: undefined, headers: {}, end: undefined, error: undefined }
  const heard = (): Heard => ({ ...so, content: Buffer.concat(chunks) })
  const add = (more: Partial<Heard>): void => {
    if (so.end !== undefined) throw new Error('something came after the end')
    so = { ...so, ...more }
    if (so.end !== undefined) resolve(heard())
  }
  const handler: AnswerHandler = {
    onHead: ({ status, headers }) => add({ status, headers: { ...headers } }),
    onData: (chunk) => {
      add({})
      chunks.push(Buffer.from(chunk))
    },
    onEnd: () => add({ end: 'whole' }),
    onError: (error) => add({ end: 'failed', error }),
  }
  const flow = client.ask(request, handler, customer)
  return { flow, heard, ended: promise }
}

export function ask(client: WireClient, request?: WireRequest): Promise<Heard> {
  return listen(client, request).ended
}

/** Asks, and takes each piece of the body only after a turn in which it was held back. Rejects when one comes meanwhile. */
export async function askHoldingBack(client: WireClient): Promise<Buffer> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  const pieces: Buffer[] = []
  let isPaused = false
  const flow = client.ask(GET_X, {
    onHead: () => undefined,
    onData: (chunk) => {
      if (isPaused) reject(new Error('a byte came while it was paused'))
      isPaused = true
      flow.pause()
      setImmediate(() => {
        // Only now: until it is resumed, the chunk is as it was.
        pieces.push(Buffer.from(chunk))
        isPaused = false
        flow.resume()
      })
    },
    onEnd: resolve,
    onError: reject,
  })
  await ended
  await waitFor(() => !isPaused)
  return Buffer.concat(pieces)
}

/** What kind of failure it was; undefined when there was none. */
export function faultOf({ error }: Heard): string | undefined {
  return error instanceof WireError ? error.code : error?.message
}

export interface Rig extends AsyncDisposable {
  readonly server: CrudeServer
  readonly client: WireClient
}

export const PATIENT = { connections: 8, connectTimeoutMs: 5000, headersTimeoutMs: 5000, idleTimeoutMs: 5000 }

/** A client of a server that answers with whatever bytes a test wants. */
export async function startRig(
  answer: (socket: Socket, head: string, number: number) => void,
  options: Partial<WireOptions> = {},
): Promise<Rig> {
  const server = await startCrudeServer(answer)
  const client = createWireClient({ url: new URL(server.url), ...PATIENT, ...options })
  return {
    server,
    client,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await client.close()
    },
  }
}

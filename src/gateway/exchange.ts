import type { IncomingHttpHeaders } from 'node:http'
import type { Writable } from 'node:stream'
import type { Refusal } from '../policy/refusal.ts'

/** The head of a request, as it came, the same for every version of HTTP. */
export interface RequestHead {
  readonly method: string
  /** As it stands in the request line, or in `:path`. */
  readonly target: string
  readonly host: string | undefined
  /** `host` among them, no pseudo-headers. */
  readonly headers: Readonly<IncomingHttpHeaders>
  /** Flat list of names and values, `Host` among them, no pseudo-headers. */
  readonly rawHeaders: readonly string[]
  /** Address of the other end of the connection. */
  readonly peer: string
  /** A body came with it, or was announced. */
  readonly hasBody: boolean
  /** The body, for the few that read one: leaving it unread breaks nothing off. */
  readonly body: () => AsyncIterable<Buffer>
  /** It is beyond what a head may be, and not looked at any further. */
  readonly flaw: Refusal | undefined
}

/** Where the answer to a request is written. */
export interface Reply {
  /** Sends status and headers, with the first bytes of the body. The reason goes where the protocol has a place for it. */
  readonly begin: (status: number, reason: string | undefined, headers: readonly string[]) => void
  /** The status that was sent; undefined: none was, and one still can be. */
  readonly begun: () => number | undefined
  readonly body: Writable
  /** Ends it so that no client takes it for whole. */
  readonly cut: () => void
  /** Its connection serves nobody else, and is closed behind an answer that leaves a body unread. */
  readonly ownsConnection: boolean
}

/** One request and its answer, with a reliable word when the client is gone. */
export interface Exchange {
  readonly request: RequestHead
  readonly reply: Reply
  /** Calls back once when the client is gone before the answer has finished. */
  readonly onGone: (listener: () => void) => void
  readonly isGone: () => boolean
  /** The client went before a single byte of this answer could be sent: another one was in front of it. */
  readonly wasNeverSent: () => boolean
  /** Resolves when the answer has finished, with true, or the client is gone, with false. To be asked once. */
  readonly over: () => Promise<boolean>
}

/** Remembers who wants to hear that a client is gone, and tells each of them once. */
export interface Departure {
  readonly onGone: Exchange['onGone']
  readonly isGone: () => boolean
  readonly over: Exchange['over']
  /** The answer has finished. */
  readonly finish: () => void
  readonly leave: () => void
}

export function createDeparture(isGoneAlready: boolean, isFinished: () => boolean): Departure {
  const listeners: (() => void)[] = []
  let gone = isGoneAlready
  let tell: ((isFinished: boolean) => void) | undefined
  return {
    onGone: (listener) => {
      if (gone) listener()
      else listeners.push(listener)
    },
    isGone: () => gone,
    over: () =>
      new Promise((resolve) => {
        if (gone || isFinished()) resolve(!gone && isFinished())
        else tell = resolve
      }),
    finish: () => tell?.(true),
    leave: () => {
      if (gone || isFinished()) return
      gone = true
      for (const listener of listeners) listener()
      tell?.(false)
    },
  }
}

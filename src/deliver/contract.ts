import type { Writable } from 'node:stream'
import type { Refusal } from '../policy/refusal.ts'
import type { Artifact } from '../policy/types.ts'

/** What to fetch. Everything in it was checked; nothing of the client's own URL or credentials is. */
export interface DeliveryOrder {
  readonly method: 'GET' | 'HEAD'
  readonly artifact: Artifact
  /** Raw query, only for artifacts whose format wants it passed on; else empty. */
  readonly query: string
  /** Content negotiation, range and conditional headers of the client, lower case. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * Where the client reaches this repository, with its secret if that is in the path: for documents that name URLs. Ends in a
   * slash.
   */
  readonly baseUrl: string
  /**
   * `baseUrl` for requests without credentials, with the secret in its path: for what clients fetch without saying who they are. The same URL
   * unless the client brought its secret as a credential.
   */
  readonly openUrl: () => string
  /**
   * Whether the client may fetch the file at a canonical path below the repository: documents name nothing else to it. undefined: every
   * file there is.
   */
  readonly includes: ((path: string) => boolean) | undefined
  /** Whether the client may fetch every version of the package that the artifact belongs to, whatever its path is. */
  readonly includesAllVersions: () => boolean
  /** Whether the client may be sent to this place for the file: it leaves its credentials here, and no limit needs the gate to see the body. */
  readonly mayBeSentTo: (place: URL) => boolean
  /** For whom it is, as far as customers must not take the storage away from one another; undefined: for the gate itself. */
  readonly customer?: string | undefined
  /**
   * Calls back when the client's connection is gone, at once if it is gone already; perhaps also after the delivery ended. The
   * response's own 'close' does not do: a pipelined response that waits for its turn never emits it.
   */
  readonly onGone: (listener: () => void) => void
}

/** The bytes that would be sent, as offsets in the whole file. */
export interface Extent {
  readonly start: number
  readonly end: number
  /** Bytes of the whole file; null when the storage does not tell. */
  readonly size: number | null
}

/** How a body went. */
export interface Sent {
  /** Body bytes handed to the client's connection. */
  readonly bytes: number
  /** The body ended by itself and all of it was taken by the connection. */
  readonly complete: boolean
  /** The storage broke off, not the client. */
  readonly upstreamFailed: boolean
  /** The body was longer than it was allowed to be, and the connection was cut behind its last byte that was allowed. */
  readonly reachedLimit?: true
}

/** A body that has not begun to flow. Exactly one of its methods is to be called, once, also when the client is gone. */
export interface Body {
  /**
   * Streams into the client's response with back-pressure and ends it; never rejects. Client gone → source gone. Never more than `mostBytes`
   * (default: no limit): a longer body is cut there, with the connection, so that no client takes the part for the whole.
   */
  readonly send: (response: Writable, mostBytes?: number) => Promise<Sent>
  /** Lets go of the source unread. */
  readonly discard: () => void
  /**
   * All its bytes, if they are here already and few enough to be handed over in one piece. Whoever has them may send them itself, in place of
   * calling a method.
   */
  readonly whole?: () => Buffer | undefined
}

/** A delivery that goes on without the gate. */
interface HandedOver {
  /** What the log of the place calls it. */
  readonly id: string
}

/** The storage's answer, its body still waiting. Only 200, 204, 206, 301, 302, 303, 307, 308, 304, 412 and 416 are passed on. */
export interface Opened {
  readonly ok: true
  readonly status: number
  /** Flat list of names and values, free of hop-by-hop headers, cookies and credentials. */
  readonly headers: readonly string[]
  /** What a 200 or 206 sends, or would if it were not HEAD. Means nothing for other answers. */
  readonly extent: Extent
  /** null unless a GET is answered with 200 or 206. */
  readonly body: Body | null
  /** The storage set a cookie with it, which is not passed on: it was made for one visitor, and no cache may keep it. */
  readonly personal?: true
  /**
   * The bytes of `extent` come from elsewhere, to where this answer leads: nobody here sees how many of them are sent. They are charged as
   * if all were.
   */
  readonly handedOver?: HandedOver
  /** Which one of several storages it came from, where it was not the first: 1 for the second. */
  readonly source?: number
  /** What the artifact turned out to be, where its path does not tell. It is charged as this, and as lying at this path. */
  readonly found?: Pick<Artifact, 'kind' | 'path' | 'version'>
}

/** Of a storage that can't be reached, does not answer, or says that it is not at work: another one with the same files may be asked. */
export interface Unavailable extends Refusal {
  readonly isUnavailable: true
}

/** What a storage says to an order. */
export type Answer = Opened | Refusal | Unavailable

/**
 * One way to get at a storage. Every deliverer gives the artifact that was authorised or refuses; the same conformance suite
 * judges them all.
 */
export interface Deliverer {
  /**
   * Asks the storage; resolves at its headers, before any body byte; never rejects, and without a promise when the answer is here already.
   * Refusals: `not_found`, `upstream_failed`, `upstream_timeout`; any of them when the client goes before.
   */
  readonly open: (order: DeliveryOrder) => Answer | Promise<Answer>
  /**
   * True when a 200 to this order is the file as it lies at its path in the storage, so that another server that reaches the storage may send
   * it in place of the gate. Absent: never.
   */
  readonly sendsAsItLies?: (order: DeliveryOrder) => boolean
  /** Takes no more orders; resolves when the deliveries under way have ended. Safe to call twice. */
  readonly close: () => Promise<void>
}

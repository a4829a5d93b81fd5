/** One request, and the only answer that is right. */
export interface Ask {
  /** From the storage's root, no leading slash. */
  readonly path: string
  /** Besides those that every request of the load generator has. */
  readonly headers: Readonly<Record<string, string>>
  /** Number of the token it comes with, from 0: gates map it to one of their secrets. */
  readonly token: number
  readonly status: number
  /** Empty where the answer has none. */
  readonly body: Buffer
  /** Costs a download. */
  readonly isCharged: boolean
}

/** Requests of one kind. */
export interface Workload {
  readonly name: string
  readonly asks: readonly Ask[]
  readonly connections: number
  /** Whether each connection makes all requests, beginning elsewhere, or those of its own share only. */
  readonly walk: 'all' | 'share'
}

/** A package of the storage, asked for with the first token. */
export function packageAsk(path: string, body: Buffer, token: number = 0): Ask {
  return { path, headers: {}, token, status: 200, body, isCharged: true }
}

/** The same requests where each is refused. */
export function refused(workload: Workload, status: number): Workload {
  const asks = workload.asks.map((ask) => ({ ...ask, status, body: Buffer.alloc(0), isCharged: false }))
  return { ...workload, asks }
}

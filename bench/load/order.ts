/** A request as the load generator makes it. */
export interface LoadAsk {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The only status that is right. */
  readonly status: number
  /** Least bytes of a right answer, head and body. */
  readonly leastBytes: number
  readonly isCharged: boolean
}

/** A measurement as the load generator is asked for it. */
export interface LoadOrder {
  readonly origin: string
  readonly asks: readonly LoadAsk[]
  readonly connections: number
  /** Whether each connection makes all requests, beginning elsewhere, or those of its own share only. */
  readonly walk: 'all' | 'share'
  /** 0 with `runMs: 'once'`. */
  readonly warmUpMs: number
  /** `once`: until each request was made once; the connections must divide their number, and share them. */
  readonly runMs: number | 'once'
  /** Process whose CPU time is wanted, and those that work for it. */
  readonly pid: number
  readonly helpers: readonly number[]
  /** All our processes, to tell the machine's other work from ours. */
  readonly ownPids: readonly number[]
}

/** What one measurement found. */
export interface Measurement {
  readonly requestsPerSecond: number
  readonly bytesPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU time per answer, in µs: of the gateway's process, and with those that work for it. */
  readonly cpuUs: number
  readonly totalCpuUs: number
  /** Cores that the gateway used, that the load generator used: near 1, it was the limit. */
  readonly gatewayCores: number
  readonly generatorCores: number
  /** Cores that processes other than ours used meanwhile. */
  readonly otherCores: number
  /** Answers of the whole run, warm-up included, that cost a download. */
  readonly charged: number
}

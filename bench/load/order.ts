/** A measurement as the load generator is asked for it. */
export interface LoadOrder {
  readonly origin: string
  /** Asked for one after the other by each connection, each beginning elsewhere. */
  readonly paths: readonly string[]
  readonly connections: number
  readonly warmUpMs: number
  readonly runMs: number
  /** The only status that is right. */
  readonly status: number
  /** Least bytes of a right answer, head and body. */
  readonly leastBytes: number
  /** Process whose CPU time is wanted. */
  readonly pid: number
  /** All our processes, to tell the machine's other work from ours. */
  readonly ownPids: readonly number[]
}

/** What one measurement found. */
export interface Measurement {
  readonly requestsPerSecond: number
  readonly bytesPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU time of the gateway's process per answer, in µs. */
  readonly cpuUs: number
  /** Cores that the gateway used, that the load generator used: near 1, it was the limit. */
  readonly gatewayCores: number
  readonly generatorCores: number
  /** Cores that processes other than ours used meanwhile. */
  readonly otherCores: number
  /** Answers of the whole run, warm-up included. */
  readonly answers: number
}

/** `half_open`: it was down, and one request at a time tries whether it still is. */
export type UpstreamState = 'up' | 'down' | 'half_open'

/** Whether one of several storages is worth asking, by how requests and checks went. */
export interface Circuit {
  readonly state: () => UpstreamState
  /** Lets a request in; undefined: this storage is not to be asked now. One of the methods is to be called, once, when it is over. */
  readonly enter: () => Pass | undefined
  /** A check has ended. */
  readonly checked: (isWell: boolean) => void
}

export interface Pass {
  /** The storage answered. */
  readonly succeed: () => void
  /** It did not. */
  readonly fail: () => void
  /** Nobody knows: the client went. */
  readonly leave: () => void
}

export interface CircuitOptions {
  /** So many requests, or checks, have to fail one after the other until it is down. */
  readonly failures: number
  /** How long it is left alone then. Infinity: until a check says that it is well. */
  readonly retryMs: number
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
  /** It is down, having been up. */
  readonly onDown: () => void
  /** It is up, having been down. */
  readonly onUp: () => void
}

/**
 * Up until `failures` in a row; then down for `retryMs`, or until a check finds it well; then half open: a request that is answered, or a second
 * good check, brings it up, a failure takes it down again. What began before a change says nothing about the time after it.
 */
export function createCircuit({ failures, retryMs, monotonic, onDown, onUp }: CircuitOptions): Circuit {
  let state: UpstreamState = 'up'
  let era = 0
  let failed = { requests: 0, checks: 0 }
  let isTried = false
  let retryAt = 0

  const become = (next: UpstreamState): void => {
    const before = state
    state = next
    era += 1
    failed = { requests: 0, checks: 0 }
    isTried = false
    if (next === 'down') retryAt = monotonic() + retryMs
    if (next === 'down' && before === 'up') onDown()
    if (next === 'up') onUp()
  }
  const current = (): UpstreamState => {
    if (state === 'down' && monotonic() >= retryAt) become('half_open')
    return state
  }
  const pass = (): Pass => {
    const entered = era
    const ifCurrent = (change: () => void) => (): void => {
      if (entered === era) change()
    }
    return {
      succeed: ifCurrent(() => {
        failed.requests = 0
        if (state === 'half_open') become('up')
      }),
      fail: ifCurrent(() => {
        failed.requests += 1
        if (state === 'half_open' || failed.requests >= failures) become('down')
      }),
      leave: ifCurrent(() => {
        isTried = false
      }),
    }
  }
  return {
    state: current,
    enter: () => {
      const now = current()
      if (now === 'down' || isTried) return undefined
      isTried = now === 'half_open'
      return pass()
    },
    checked: (isWell) => {
      const now = current()
      // Whoever tries it knows better.
      if (isTried) return
      if (isWell) {
        failed.checks = 0
        if (now !== 'up') become(now === 'down' ? 'half_open' : 'up')
      } else if (now !== 'down' && (now === 'half_open' || ++failed.checks >= failures)) become('down')
    },
  }
}

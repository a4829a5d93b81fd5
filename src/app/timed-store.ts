import type { Store } from '../store/contract.ts'

/** Is told how long a call to the store took, in seconds, and whether it succeeded. */
export type OnStoreCall = (operation: string, seconds: number, ok: boolean) => void

/** The same store, each of whose calls is timed. Operations are named like `usage.reserve`. */
export function timeStore(store: Store, monotonic: () => number, onCall: OnStoreCall): Store {
  const time = <Part extends object>(name: string, part: Part): Part => timed(part, name, monotonic, onCall)
  return {
    ...store,
    tokens: time('tokens', store.tokens),
    usage: time('usage', store.usage),
    keys: time('keys', store.keys),
    audit: time('audit', store.audit),
    events: time('events', store.events),
    webhooks: time('webhooks', store.webhooks),
    history: time('history', store.history),
  }
}

function timed<Part extends object>(
  part: Part,
  prefix: string,
  monotonic: () => number,
  onCall: OnStoreCall,
): Part {
  const wrapped = Object.entries(part).map(([name, method]) => [
    name,
    name === 'watch' ? method : timeMethod(method, `${prefix}.${name}`, monotonic, onCall),
  ])
  return Object.fromEntries(wrapped) as Part
}

function timeMethod<Arguments extends unknown[], Result>(
  method: (...values: Arguments) => Promise<Result>,
  operation: string,
  monotonic: () => number,
  onCall: OnStoreCall,
) {
  return (...values: Arguments): Promise<Result> => {
    const started = monotonic()
    const tell = (ok: boolean): void => onCall(operation, (monotonic() - started) / 1000, ok)
    const call = method(...values)
    // Beside the call, which every request waits for.
    call.then(
      () => tell(true),
      () => tell(false),
    )
    return call
  }
}

import type { Deliverer, DeliveryOrder } from '../contract.ts'
import { isUnavailable } from '../away.ts'

/** What is asked of a storage to learn whether it is well. */
export interface Question {
  /** Canonical path below the storage. */
  readonly path: string
  /** There has to be a file: a storage that answers without giving it is not well. Else any answer will do. */
  readonly mustBeThere: boolean
  readonly timeoutMs: number
}

/** Asks, with HEAD. Never rejects, nor takes longer than is allowed for. */
export async function isWell(
  deliverer: Deliverer,
  { path, mustBeThere, timeoutMs }: Question,
): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const listeners: (() => void)[] = []
  const timer = setTimeout(() => {
    late.resolve(false)
    for (const listener of listeners) listener()
  }, timeoutMs)
  const answer = Promise.resolve(deliverer.open(orderFor(path, (listener) => void listeners.push(listener))))
  const judged = answer.then((told) => (mustBeThere ? told.ok : !isUnavailable(told)))
  const verdict = await Promise.race([late.promise, judged])
  clearTimeout(timer)
  return verdict
}

function orderFor(path: string, onGone: DeliveryOrder['onGone']): DeliveryOrder {
  const filename = path.slice(path.lastIndexOf('/') + 1)
  return {
    method: 'HEAD',
    artifact: { format: 'raw', kind: 'metadata', path, filename },
    query: '',
    headers: {},
    baseUrl: NOBODY,
    openUrl: () => NOBODY,
    includes: undefined,
    includesAllVersions: () => true,
    mayBeSentTo: () => false,
    onGone,
  }
}

/** No client asks. */
const NOBODY = 'http://nobody.invalid/'

/** Calls `check` again and again, at once and then with `pauseMs` between an end and a beginning. Gives what stops it. */
export function repeat(check: () => Promise<void>, pauseMs: () => number): () => void {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const run = async (): Promise<void> => {
    await check()
    if (!isStopped) timer = setTimeout(() => void run(), pauseMs()).unref()
  }
  timer = setTimeout(() => void run(), 0).unref()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

import { LRUCache } from 'lru-cache'

/** Answers that are remembered for a while. */
export interface Memo<Value> {
  /**
   * The answer to `question`, asked no longer than `mostAgeMs` ago; what is being asked is not asked twice. Rejects as asking does; a
   * failure is not remembered.
   */
  readonly get: (question: string, mostAgeMs: number) => Promise<Value>
  /** True when `get` has it at hand. */
  readonly has: (question: string, mostAgeMs: number) => boolean
}

interface MemoOptions<Value> {
  readonly ask: (question: string) => Promise<Value>
  /** Of all answers together, in the unit of `weigh`. */
  readonly mostWeight: number
  readonly weigh: (value: Value) => number
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
}

export function createMemo<Value>({ ask, mostWeight, weigh, monotonic }: MemoOptions<Value>): Memo<Value> {
  const entries = new LRUCache<string, Entry<Value>>({ maxSize: mostWeight })
  const find = (question: string, mostAgeMs: number): Entry<Value> | undefined => {
    const entry = entries.get(question)
    return entry !== undefined && monotonic() - entry.at <= mostAgeMs ? entry : undefined
  }
  const start = (question: string): Promise<Value> => {
    const entry = { at: monotonic(), answer: ask(question) }
    entries.set(question, entry, { size: 1 })
    const isCurrent = (): boolean => entries.peek(question) === entry
    entry.answer.then(
      (value) => void (isCurrent() && entries.set(question, entry, { size: 1 + weigh(value) })),
      () => void (isCurrent() && entries.delete(question)),
    )
    return entry.answer
  }
  return {
    get: (question, mostAgeMs) => find(question, mostAgeMs)?.answer ?? start(question),
    has: (question, mostAgeMs) => find(question, mostAgeMs) !== undefined,
  }
}

interface Entry<Value> {
  /** When it was asked. */
  readonly at: number
  readonly answer: Promise<Value>
}

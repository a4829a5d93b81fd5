import { asStoreError } from './errors.ts'
import { inGroups } from '../slices.ts'

/** What became of an item: its answer, or why it failed. */
export type Outcome<Answer> = { readonly answer: Answer } | { readonly error: Error }

interface Waiting<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** So that no script keeps a server for more than about a millisecond. */
const MOST_AT_ONCE = 128

/**
 * Collects the items of one event-loop turn and sends them together: those of a group in one call. `send` gives their outcomes in their
 * order, or rejects for all of them.
 */
export function createTurnBatch<Item, Answer>(
  send: (items: readonly Item[]) => Promise<readonly Outcome<Answer>[]>,
): (group: string, item: Item) => Promise<Answer> {
  let groups = new Map<string, Waiting<Item, Answer>[]>()

  const run = async (batch: readonly Waiting<Item, Answer>[]): Promise<void> => {
    try {
      const outcomes = await send(batch.map(({ item }) => item))
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index] ?? { error: asStoreError('an answer is missing') }
        if ('error' in outcome) reject(outcome.error)
        else resolve(outcome.answer)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  const flush = (): void => {
    const batches = groups
    groups = new Map()
    for (const batch of batches.values()) {
      for (const some of inGroups(batch, MOST_AT_ONCE)) void run(some)
    }
  }
  return (group, item) =>
    new Promise((resolve, reject) => {
      if (groups.size === 0) setImmediate(flush)
      const batch = groups.get(group)
      const waiting = { item, resolve, reject }
      if (batch === undefined) groups.set(group, [waiting])
      else batch.push(waiting)
    })
}

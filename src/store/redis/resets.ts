import { resetEntry } from '../audit-entry.ts'
import type { Expectation, StoredToken } from '../contract.ts'
import type { ObjectNote } from '../contract/audit.ts'
import { refuseUnexpected } from '../expected.ts'
import type { StoredOptions } from './apply.ts'
import { changeWrites } from './audit-writes.ts'
import { rewrite } from './rewrite.ts'
import type { Scripts } from './scripts.ts'
import { parseToken } from './token-text.ts'
import type { Check, Write } from './writes.ts'

export interface ResetsOptions extends StoredOptions {
  readonly scripts: Pick<Scripts, 'resetUsage'>
  /** Epoch ms. */
  readonly clock: () => number
}

export interface Resets {
  /** As `UsageStore.reset`. */
  readonly reset: (
    token: string,
    now: number,
    note: ObjectNote | undefined,
    isExpected?: Expectation<StoredToken>,
  ) => Promise<void>
  /** Writes the entries of resets that were made by somebody who died before he wrote them. */
  readonly finish: () => Promise<void>
}

interface Announced {
  readonly token: string
  readonly note: ObjectNote
  readonly at: number
}

/** A reset that was announced and has not been made for so long never will be. */
const GIVEN_UP_MS = 86_400_000
/** What a reset found is kept so long for whoever finishes it. */
const KEPT_MS = 30 * GIVEN_UP_MS

/**
 * Resets with their lines in the audit log. Counters lie on the server of their token, the log on one server: no step reaches both. So the
 * reset is announced beside the log; then made, and what it found is written beside the counters in the same step; then what was found
 * takes the place of the announcement, as a line of the log. Whoever finds an announcement goes on with it: a reset that was made has its
 * line, and one that was not made never gets one.
 */
export function createResets({ commands, scripts, keys, apply, clock }: ResetsOptions): Resets {
  const conclude = async (text: string, { token, note }: Announced, counters: string): Promise<void> => {
    const [downloads = 0, clients = 0, bytes = 0] = counters.split(' ').map(Number)
    const entry = resetEntry(note, { downloads, clients, bytes })
    await apply(
      [['HGET', keys.resets, note.id, text]],
      [['HDEL', keys.resets, note.id], ...changeWrites(keys, entry)],
    )
    await commands.removeField(keys.resetCounters(token), note.id)
  }
  const finishOne = async (id: string, text: string): Promise<void> => {
    const announced = JSON.parse(text) as Announced
    const [counters] = await commands.readFields(keys.resetCounters(announced.token), [id])
    if (typeof counters === 'string') return conclude(text, announced, counters)
    if (clock() - announced.at > GIVEN_UP_MS) await commands.removeField(keys.resets, id)
  }
  /** With the announcement it is decided: the token is judged in the same step. */
  const announce = async (
    token: string,
    id: string,
    text: string,
    isExpected?: Expectation<StoredToken>,
  ): Promise<void> => {
    const isNew: Check = ['HGET', keys.resets, id, '']
    const writes: readonly Write[] = [['HSET', keys.resets, id, text]]
    if (isExpected === undefined) return void (await apply([isNew], writes))
    await rewrite({
      what: 'the token',
      read: async () => ({ record: (await commands.readFields(keys.records, [token]))[0] ?? undefined }),
      change: ({ record }) => {
        refuseUnexpected(record === undefined ? undefined : parseToken(record), isExpected)
        return writes
      },
      write: ({ record = '' }) => apply([isNew, ['HGET', keys.records, token, record]], writes),
    })
  }
  return {
    reset: async (token, now, note, isExpected) => {
      const run = (id: string): Promise<readonly (number | string)[]> =>
        scripts.resetUsage(
          [keys.usage(token), keys.clients(token), keys.resetCounters(token)],
          [now, id, KEPT_MS],
        )
      if (note === undefined) {
        if (isExpected !== undefined) throw new Error('only a reset with a note can expect something')
        return void (await run(''))
      }
      const announced = { token, note, at: clock() }
      const text = JSON.stringify(announced)
      await announce(token, note.id, text, isExpected)
      const counters = await run(note.id)
      // What fails here is made up for by whoever looks next.
      await conclude(text, announced, counters.join(' ')).catch(() => undefined)
    },
    finish: async () => {
      if ((await commands.countFields(keys.resets)) === 0) return
      for (const [id, text] of Object.entries(await commands.readAllFields(keys.resets)))
        await finishOne(id, text)
    },
  }
}

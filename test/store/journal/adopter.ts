import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import { createAdopter } from '../../../src/store/journal/adopt.ts'
import { createJournal } from '../../../src/store/journal/journal.ts'
import { createReplay } from '../../../src/store/journal/replay.ts'
import { usageEntry } from './entries.ts'

/**
 * A process with a journal. Arguments: folder, name in hexadecimal digits, `write` or `adopt`, and for the latter the database.
 * - `write`: appends downloads of the token "shared" without end, and prints each one once it is appended, before the next.
 * - `adopt`: tells the store what dead processes left, again and again, and prints how many entries each time it is done.
 */
const [folder = '', name = '', mode, database = ''] = process.argv.slice(2)
const clock = Date.now

async function write(): Promise<void> {
  let writers = 0
  const newWriter = (): string => `${name}${String(++writers).padStart(4, '0')}`
  const journal = createJournal({ folder, maxBytes: 1e9, newWriter, clock, onLost: () => undefined })
  for (let count = 1; ; count++) {
    await journal.append([usageEntry('shared', { lastUsedAt: clock() })], 'charge')
    if (count % 200 === 0) journal.seal()
    await new Promise((resolve) => process.stdout.write(`appended ${count}\n`, resolve))
  }
}

async function adopt(): Promise<void> {
  const store = await openSqliteStore({ file: database, synchronous: 'normal', processId: name, clock })
  let entries = 0
  const replay = createReplay({
    usage: store.usage,
    attempts: 5,
    onReplayed: (replayed) => {
      entries += replayed.entries
    },
  })
  const adopter = createAdopter(folder, replay)
  for (;;) {
    await adopter.look()
    await adopter.replay()
    process.stdout.write(`adopted ${entries}\n`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

await (mode === 'write' ? write() : adopt())

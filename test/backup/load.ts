import { serverAt } from '../store/redis/open.ts'
import { redisPlace, sqliteAt } from './places.ts'

/**
 * A process of its own that uses a store, for the tests: `node load.ts sqlite FILE` or `node load.ts redis PORT PREFIX`. Downloads with the
 * tokens "load-0" to "load-9" from ever more clients without end, and says when it began.
 */
const [kind, where = '', prefix] = process.argv.slice(2)
const place = kind === 'sqlite' ? sqliteAt(where) : redisPlace(serverAt(Number(where)), prefix)
const store = await place.open()

const TOKENS = 10
const AT_ONCE = 20

for (let count = 0; ; count++) {
  const requests = Array.from({ length: AT_ONCE }, (_, index) => ({
    token: `load-${(count + index) % TOKENS}`,
    client: `client-${process.pid}-${count % 50}`,
    artifact: `file-${process.pid}-${count}-${index}`,
    size: 1_000,
    start: 0,
    end: 1_000,
    now: Date.now(),
    limitDownloads: 1_000_000,
    limitClients: 1_000_000,
    limitBytes: 1_000_000_000,
  }))
  const answers = await Promise.all(requests.map((request) => store.usage.reserve(request)))
  for (const [index, answer] of answers.entries()) {
    // Some are left under way for a while, some are cut off.
    if (answer.granted && index % 3 > 0) await store.usage.settle(answer, index % 2 ? 1_000 : 400, Date.now())
  }
  if (count === 1) process.stdout.write('begun\n')
}

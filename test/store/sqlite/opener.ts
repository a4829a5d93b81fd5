import { openDatabase } from '../../../src/store/sqlite/database.ts'

/**
 * A process of its own that opens new databases, for the tests: `node opener.ts PREFIX COUNT START`. Opens PREFIX-0.db at the time START
 * (epoch ms), the next one 50 ms later, and so on, so that several of these processes open each at the same moment.
 */
const [prefix = '', count, start] = process.argv.slice(2)
for (let i = 0; i < Number(count); i++) {
  while (Date.now() < Number(start) + i * 50);
  openDatabase(`${prefix}-${i}.db`, 'normal').close()
}

import { randomBytes } from 'node:crypto'
import { openStore } from '../../src/app/open-store.ts'
import { parseStore } from '../../src/config/store-url.ts'
import type { Store, StoredToken } from '../../src/store/contract.ts'
import { createSecretKeeper } from '../../src/store/secret-keeper.ts'
import { STORED_TOKEN_DEFAULTS } from '../../src/store/stored-token.ts'
import { surely } from '../tokens/surely.ts'
import { fieldsOf, nameOf, OWNER, REPO, slugOf, useOf } from './customers.ts'

/** Creates tokens through the store's own contract, with some use. Arguments: URL of the store, its secret key, how many. */
const [url = '', secretKey = '', count = ''] = process.argv.slice(2)
const BATCH = 250
const STEPS = 20

const parsed = parseStore(url)
if (!parsed.ok) throw new Error(`The store ${parsed.why}`)
const keeper = createSecretKeeper(secretKey, randomBytes)
const store = await openStore(parsed.value, {
  processId: randomBytes(9).toString('hex'),
  onWarning: () => undefined,
  examines: false,
})
await fill(store, Number(count), Date.now())
await store.close()

async function fill({ tokens, usage }: Store, total: number, now: number): Promise<void> {
  for (let first = 0; first < total; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, total - first) }, (_, index) => first + index)
    await Promise.all(batch.map((number) => surely(() => tokens.create(makeToken(number, now)))))
    const used = batch.flatMap((number) => {
      const use = useOf(number, now)
      return use === undefined
        ? []
        : [
            {
              token: slugOf(number),
              bytes: use.downloads * 1_000,
              clients: new Map([['192.0.2.1', 1]]),
              ...use,
            },
          ]
    })
    await surely(() => usage.record(used))
    await surely(() => tokens.noteUsed(used.map(({ token }) => token)))
    await surely(async () => {
      while ((await tokens.refreshUsage(now, BATCH)) > 0);
    })
    const step = Math.floor((first / total) * STEPS)
    if (step !== Math.floor(((first - BATCH) / total) * STEPS))
      process.stderr.write(`${(step * 100) / STEPS} % `)
  }
  process.stderr.write('\n')
}

function makeToken(number: number, now: number): StoredToken {
  const secret = `customer-${number}`
  return {
    ...STORED_TOKEN_DEFAULTS,
    slugPerm: slugOf(number),
    owner: OWNER,
    repo: REPO,
    name: nameOf(number),
    ...fieldsOf(number, now),
    createdBy: 'bench',
    digest: keeper.digest(secret),
    sealedSecret: keeper.seal(secret),
  }
}

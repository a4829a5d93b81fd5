import { randomBytes } from 'node:crypto'
import { openStore } from '../../src/app/open-store.ts'
import { parseStore } from '../../src/config/store-url.ts'
import type { Store, StoredToken } from '../../src/store/contract.ts'
import { createSecretKeeper } from '../../src/store/secret-keeper.ts'
import { STORED_TOKEN_DEFAULTS } from '../../src/store/stored-token.ts'
import { LIMITS, secretOf } from '../peers/limits.ts'
import { surely } from './surely.ts'

/**
 * Creates limited tokens through the store's own contract, so that what lies there is what the management API would have written. Those of
 * a batch are committed together. Arguments: URL of the store, its secret key, how many.
 */
const [url = '', secretKey = '', count = ''] = process.argv.slice(2)
/** Few enough that a busy machine answers within the store's deadline. */
const BATCH = 250

const parsed = parseStore(url)
if (!parsed.ok) throw new Error(`The store ${parsed.why}`)
const keeper = createSecretKeeper(secretKey, randomBytes)
const store = await openStore(parsed.value, {
  processId: randomBytes(9).toString('hex'),
  onWarning: () => undefined,
  examines: false,
})
await fill(store, Number(count))
await store.close()

async function fill({ tokens }: Store, total: number): Promise<void> {
  for (let first = 0; first < total; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, total - first) }, (_, index) => first + index)
    await Promise.all(batch.map((token) => surely(() => tokens.create(makeToken(token)))))
  }
}

function makeToken(token: number): StoredToken {
  const secret = secretOf(token)
  const { owner, repo, validFrom, validUntil, packages, downloads, clients } = LIMITS
  return {
    ...STORED_TOKEN_DEFAULTS,
    slugPerm: `01K0${String(token).padStart(22, '0')}`,
    owner,
    repo,
    name: `Customer ${token}`,
    validFrom,
    validUntil,
    packages,
    limitDownloads: downloads,
    limitClients: clients,
    createdAt: validFrom,
    createdBy: 'bench',
    digest: keeper.digest(secret),
    sealedSecret: keeper.seal(secret),
  }
}

import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { openStore } from '../../src/app/open-store.ts'
import { parseStore } from '../../src/config/store-url.ts'
import { StoreError, type Store, type StoredToken } from '../../src/store/contract.ts'
import { createSecretKeeper } from '../../src/store/secret-keeper.ts'
import { STORED_TOKEN_DEFAULTS } from '../../src/store/stored-token.ts'
import { LIMITS, secretOf } from '../peers/limits.ts'

/**
 * Creates limited tokens through the store's own contract, so that what lies there is what the management API would have written. Those of
 * a batch are committed together. Arguments: URL of the store, its secret key, how many.
 */
const [url = '', secretKey = '', count = ''] = process.argv.slice(2)
/** Few enough that a busy machine answers within the store's deadline. */
const BATCH = 250
const MOST_ATTEMPTS = 40
const PAUSE_MS = 250

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
    await Promise.all(batch.map((token) => createSurely(tokens, makeToken(token))))
  }
}

/** A create of which no answer came in time may have been done: then there is such a token at the next attempt. */
async function createSurely(tokens: Store['tokens'], token: StoredToken): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tokens.create(token)
    } catch (error) {
      const code = error instanceof StoreError ? error.code : undefined
      if (code === 'conflict' && attempt > 1) return
      if (code !== 'unavailable' || attempt === MOST_ATTEMPTS) throw error
      await pause(PAUSE_MS)
    }
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

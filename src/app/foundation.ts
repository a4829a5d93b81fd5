import { randomBytes } from 'node:crypto'
import type { Config, StoreConfig } from '../config/types.ts'
import type { Store } from '../store/contract.ts'
import { createSecretKeeper, type SecretKeeper } from '../store/secret-keeper.ts'
import { openStore, type StoreOptions } from './open-store.ts'
import { readServerKey } from './server-key.ts'

/** What every process of Postern stands on. */
export interface Foundation {
  /** With the key of the store in it. */
  readonly config: Config
  readonly store: Store
  readonly keeper: SecretKeeper
  /** Seals sessions of the console. */
  readonly sessionKeeper: SecretKeeper
}

/** Opens the store of `config`; makes its key where there is none. @throws StoreError, or Error about the key. */
export async function layFoundation(
  given: Config,
  options: Omit<StoreOptions, 'processId'>,
): Promise<Foundation> {
  const processId = randomBytes(9).toString('hex')
  const config = { ...given, secretKey: given.secretKey ?? keyBeside(given.store, processId) }
  const keeper = createSecretKeeper(config.secretKey, randomBytes)
  const sessionKeeper = createSecretKeeper(config.secretKey, randomBytes, 'postern session')
  return { config, store: await openStore(config.store, { ...options, processId }), keeper, sessionKeeper }
}

function keyBeside(store: StoreConfig, processId: string): string {
  // Hosts that share a store can't share a file; such a configuration is refused before it comes to this.
  if (store.kind !== 'sqlite') throw new Error('secret_key is missing in the configuration')
  return readServerKey(`${store.file}.key`, () => randomBytes(32).toString('base64url'), processId)
}

import { randomBytes } from 'node:crypto'
import { startGate, type Gate } from '../support/gate.ts'
import { waitForAll } from './crew.ts'
import { REPOSITORY } from './pair.ts'

/** Starts hosts that share a store and a storage, as they are asked for. */
export type StartHost = (workers?: number) => Promise<Gate>

export function createHosts(store: string, upstream: string): StartHost {
  const adminKey = randomBytes(24).toString('hex')
  const config = {
    store,
    secret_key: randomBytes(24).toString('hex'),
    trusted_proxies: ['127.0.0.1'],
    repositories: { [REPOSITORY]: { format: 'raw', upstream } },
  } as const
  return async (workers = 2) => {
    const gate = await startGate({ config: { ...config, workers }, adminKey })
    await waitForAll(gate)
    return gate
  }
}

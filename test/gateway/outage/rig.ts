import { Agent } from 'node:http'
import { readdirSync } from 'node:fs'
import { startGate, type Gate, type GateToken } from '../../support/gate.ts'
import { temporaryDirectory } from '../../support/processes.ts'
import { startStorage, type Storage } from '../../support/repositories.ts'
import { get } from '../../support/requests.ts'

/** Goes on without the store. */
export const SERVING = 'acme/files'
/** Does not. */
export const REFUSING = 'acme/strict'

export interface Outage extends AsyncDisposable {
  readonly gate: Gate
  readonly storage: Storage
  readonly folder: string
  /** Starts another gate with the same configuration, for when the first one has ended. */
  readonly restart: () => Promise<Gate>
  /** Files of the journal. */
  readonly files: () => string[]
}

/** A gate with a journal, in front of one storage that has two names. */
export async function startOutage(config: Readonly<Record<string, unknown>>): Promise<Outage> {
  const storage = await startStorage('raw')
  const directory = await temporaryDirectory('journal')
  const folder = `${directory.path}/journal`
  const upstream = `${storage.url}/raw/`
  const all = {
    journal: { folder },
    log: { access: false },
    repositories: {
      [SERVING]: { format: 'raw' as const, upstream, when_store_fails: 'serve_cached' },
      [REFUSING]: { format: 'raw' as const, upstream },
    },
    ...config,
  }
  const adminKey = 'outage-test-admin-key'
  const start = (): Promise<Gate> => startGate({ config: all, adminKey })
  const gate = await start()
  return {
    gate,
    storage,
    folder,
    restart: start,
    files: () => readdirSync(folder).filter((name) => name.endsWith('.journal')),
    [Symbol.asyncDispose]: async () => {
      await gate[Symbol.asyncDispose]()
      await storage[Symbol.asyncDispose]()
      await directory.remove()
    },
  }
}

/** Status of one download, on a connection of its own so that any worker may get it; 0 when there was no whole answer. */
export async function fetchOnce(
  gate: Gate,
  { token }: GateToken,
  repository: string = SERVING,
  file = 'small.bin',
): Promise<number> {
  const agent = new Agent({ keepAlive: false })
  const answer = await get(`${gate.url}/${token}/${repository}/${file}`, { agent }).catch(() => undefined)
  return answer?.complete === true ? answer.status : 0
}

/** How often each status came, of so many downloads, some at once. */
export async function fetchMany(
  gate: Gate,
  token: GateToken,
  count: number,
  repository: string = SERVING,
): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>()
  let left = count
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const status = await fetchOnce(gate, token, repository)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: 12 }, one))
  return statuses
}

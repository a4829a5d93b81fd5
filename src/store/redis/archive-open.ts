import { createCommands, type Commands } from './commands.ts'
import { connect, type Connection, type RedisServers } from './connection.ts'
import { asStoreError } from './errors.ts'
import { serversOf } from './scan.ts'
import { createKeys, type Keys } from './keys.ts'
import { createScripts, type Scripts } from './scripts.ts'

export interface ArchiveOptions {
  readonly servers: RedisServers
  /** What all keys begin with. */
  readonly prefix: string
  /** Unique among all processes, without a colon. */
  readonly processId: string
}

/** What reading or filling a store as a whole needs. It is none of the processes that use the store. */
export interface Opened {
  readonly connection: Connection
  readonly keys: Keys
  readonly scripts: Scripts
  readonly commands: Commands
  /** Fits all keys of the store. */
  readonly pattern: string
}

/** Nobody waits at a gate for these calls; a token with very many clients takes a while. */
const DEADLINE_MS = 30_000

/** Connects. @throws StoreError. */
export async function openForArchive({ servers, prefix, processId }: ArchiveOptions): Promise<Opened> {
  const connection = await connect(servers, `postern-${processId}`)
  try {
    await told(connection, () => connectAll(connection))
  } catch (error) {
    connection.close()
    throw error
  }
  return {
    connection,
    keys: createKeys(prefix),
    scripts: createScripts(connection.client, DEADLINE_MS, 0),
    commands: createCommands(connection.client, DEADLINE_MS),
    pattern: `${prefix}:{*`,
  }
}

/** The client of a cluster connects to a server when it is first needed, and refuses what is asked until it has. */
async function connectAll({ client }: Connection): Promise<void> {
  await Promise.all(serversOf(client).map((server) => server.ping()))
}

/** Does work out of which only `StoreError`s come. */
export async function told<Result>(connection: Connection, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw asStoreError(error, connection.complaint())
  }
}

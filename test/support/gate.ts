import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Format } from '../../src/policy/types.ts'
import { sharedCertificate } from './certificates.ts'
import {
  cleanEnvironment,
  freePort,
  startOnFreePort,
  startServer,
  temporaryDirectory,
  type ServerProcess,
  type TemporaryDirectory,
} from './processes.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Several processes at once on a machine that is busy with other tests. */
const START_MS = 150_000

/** A repository as the configuration file has it. */
interface RepositoryOptions {
  readonly format: Format
  readonly upstream: string | readonly (string | object)[]
  readonly public?: boolean
  readonly cache?: boolean
  readonly deliver?: 'stream' | 'redirect' | 'accel'
  readonly s3?: object
  readonly eula?: object
}

/** Contents of the configuration file. What is left out listens on free loopback ports and stores in a folder of its own. */
interface GateConfig {
  readonly repositories: Readonly<Record<string, RepositoryOptions>>
  readonly [key: string]: unknown
}

/** How its customers reach a gate; `h2` is HTTP/2 over TLS. */
export type Protocol = 'http' | 'https' | 'h2'

export const PROTOCOLS: readonly Protocol[] = ['http', 'https', 'h2']

interface GateOptions {
  readonly config: GateConfig
  /** Begins the URL of the gate. Default: `http`. */
  readonly protocol?: Protocol
  readonly env?: Readonly<Record<string, string>>
  /** Key of the management API. */
  readonly adminKey?: string
}

/** A token as the management API shows it, with its secret. */
export interface GateToken {
  readonly slug_perm: string
  /** The secret. */
  readonly token: string
  readonly name: string
  readonly is_active: boolean
  readonly downloads: number
  readonly clients: number
  readonly [key: string]: unknown
}

/** An answer of the management API; `body` is undefined when it has none. */
interface AdminAnswer {
  readonly status: number
  readonly body: unknown
}

/** The gate as a process of its own, as a vendor runs it. */
export interface Gate extends AsyncDisposable {
  /** Data path, no trailing slash. */
  readonly url: string
  readonly port: number
  /** Management API, no trailing slash. */
  readonly adminUrl: string
  readonly adminKey: string
  readonly pid: number
  readonly configFile: string
  readonly readConfig: () => Promise<string>
  /** Everything it printed. */
  readonly output: () => string
  /** Resolves to the exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number>
  /** Calls the management API, `path` from the root. Rejects only when nobody answers. */
  readonly admin: (method: string, path: string, body?: object) => Promise<AdminAnswer>
  /** Creates a token in `owner/repo`, with Cloudsmith's field names. Rejects unless the answer is 201. */
  readonly createToken: (repository: string, fields?: Readonly<Record<string, unknown>>) => Promise<GateToken>
  /** The token as it stands now. */
  readonly readToken: (repository: string, slugPerm: string) => Promise<GateToken>
}

/** Starts `postern serve` and resolves when it is ready. */
export async function startGate({
  config: given,
  protocol = 'http',
  env = {},
  adminKey = newKey(),
}: GateOptions): Promise<Gate> {
  const config = protocol === 'http' ? given : { tls: { certificates: [sharedCertificate()] }, ...given }
  const directory = await temporaryDirectory('gate')
  const environment = cleanEnvironment({ POSTERN_ADMIN_KEY: adminKey, ...env })
  try {
    return await startOnFreePort(async (port) => {
      const adminPort = await freePort()
      const address = { url: `${protocol}://127.0.0.1:${port}`, adminUrl: `http://127.0.0.1:${adminPort}` }
      const file = await writeConfig(directory.path, address, config)
      const server = await startServer(process.execPath, [MAIN, 'serve', '--config', file], {
        cwd: directory.path,
        env: environment,
        isReady: async () => (await fetch(`${address.adminUrl}/readyz`)).status === 200,
        timeoutMs: START_MS,
      })
      return asGate(directory, server, { ...address, adminKey, configFile: file })
    })
  } catch (error) {
    await directory.remove()
    throw error
  }
}

function newKey(): string {
  return randomBytes(24).toString('hex')
}

interface Address {
  readonly url: string
  readonly adminUrl: string
}

/** JSON is YAML. */
async function writeConfig(
  directory: string,
  { url, adminUrl }: Address,
  config: GateConfig,
): Promise<string> {
  const file = join(directory, 'postern.yaml')
  const defaults = {
    listen: url.replace(/^\w+:\/\//, ''),
    public_url: url.replace(/^h2:/, 'https:'),
    admin: { listen: new URL(adminUrl).host },
    store: `sqlite:${directory}/postern.db`,
    trusted_proxies: [],
    workers: 1,
  }
  await writeFile(file, JSON.stringify({ ...defaults, ...config }, null, 2))
  return file
}

function asGate(
  directory: TemporaryDirectory,
  server: ServerProcess,
  address: Address & { readonly adminKey: string; readonly configFile: string },
): Gate {
  const admin = createAdminClient(address.adminUrl, address.adminKey)
  const stop = async (signal?: NodeJS.Signals): Promise<number> => {
    const code = await server.stop(signal)
    await directory.remove()
    return code
  }
  return {
    ...address,
    port: Number(/:(\d+)$/.exec(address.url)?.[1]),
    pid: server.pid,
    readConfig: () => readFile(address.configFile, 'utf8'),
    output: server.output,
    stop,
    admin,
    createToken: async (repository, fields = {}) => {
      const path = `/entitlements/${repository}/?show_tokens=true`
      return expectToken(
        201,
        await admin('POST', path, { name: `test ${randomBytes(4).toString('hex')}`, ...fields }),
      )
    },
    readToken: async (repository, slugPerm) =>
      expectToken(200, await admin('GET', `/entitlements/${repository}/${slugPerm}/?show_tokens=true`)),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await directory.remove()
    },
  }
}

function createAdminClient(url: string, key: string): Gate['admin'] {
  return async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'X-Api-Key': key, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
}

function expectToken(status: number, answer: AdminAnswer): GateToken {
  if (answer.status === status) return answer.body as GateToken
  throw new Error(`The management API answered ${answer.status}: ${JSON.stringify(answer.body)}`)
}

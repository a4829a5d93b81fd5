import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startGate, type Gate } from '../support/gate.ts'
import { temporaryDirectory } from '../support/processes.ts'
import { get, type Answer } from '../support/requests.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { freePorts } from './fronts/front.ts'

export const FILES = 'acme/files'
/** The same files, which nginx sends when it is told to. */
export const TOLD = 'acme/told'
/** Bytes of the file `small.bin`, of the one that asks() asks for, and of one that is large. */
export const TOOL = 'tool/1.0/tool-1.0.bin'
export const TOOL_BYTES = 300_000

/** A gate that is asked by a test in place of a proxy. It can be killed and started again over the same store. */
export interface Asked extends AsyncDisposable {
  readonly gate: () => Gate
  readonly storage: Storage
  readonly edgePort: number
  /** Asks as our configuration of nginx does. */
  readonly ask: (secret: string, path?: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>
  /** Asks at a path of the edge, with exactly these headers. */
  readonly askAs: (
    path: string,
    headers: Readonly<Record<string, string>>,
    method?: string,
  ) => Promise<Answer>
  /** The file that is read as the log of the proxy. */
  readonly log: string
  /** Writes lines as our log_format does. */
  readonly tell: (...lines: readonly Readonly<Record<string, string | number>>[]) => Promise<void>
  readonly restart: (signal: NodeJS.Signals) => Promise<void>
  readonly directory: string
}

export async function startAskedGate(settings: Readonly<Record<string, unknown>> = {}): Promise<Asked> {
  await using started = new AsyncDisposableStack()
  const storage = started.use(await startStorage('raw'))
  const directory = started.use(await temporaryDirectory('asked')).path
  const [edgePort = 0] = await freePorts(1)
  const log = join(directory, 'postern.log')
  const start = (): Promise<Gate> =>
    startGate({
      config: {
        store: `sqlite:${directory}/postern.db`,
        edge: { listen: `127.0.0.1:${edgePort}` },
        trusted_proxies: ['127.0.0.1'],
        repositories: {
          [FILES]: { format: 'raw', upstream: `${storage.url}/raw/` },
          // Where no proxy is trusted, none can be told.
          ...(settings['trusted_proxies'] === undefined && {
            [TOLD]: { format: 'raw', upstream: `${storage.url}/raw/`, deliver: 'accel' },
          }),
        },
        ...settings,
        offload: {
          logs: [`file:${log}`],
          state: `${directory}/state.json`,
          ...(settings['offload'] as object | undefined),
        },
      },
    })
  let gate = await start()
  started.defer(async () => void (await gate.stop()))
  const kept = started.move()
  const askAs: Asked['askAs'] = (path, headers, method = 'GET') =>
    get(`http://127.0.0.1:${edgePort}${path}`, { method, headers })
  return {
    gate: () => gate,
    storage,
    edgePort,
    askAs,
    log,
    directory,
    ask: (secret, path = TOOL, headers = {}) =>
      askAs('/nginx', {
        'X-Original-Method': 'GET',
        'X-Original-URI': `/${secret}/${FILES}/${path}`,
        'X-Forwarded-For': '192.0.2.7',
        ...headers,
      }),
    tell: (...lines) => appendFile(log, lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
    restart: async (signal) => {
      await gate.stop(signal)
      gate = await start()
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** The id under which a front has to log the delivery. */
export function idOf({ headers }: Answer): string {
  return String(headers['x-postern-delivery'])
}

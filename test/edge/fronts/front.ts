import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sharedCertificate } from '../../support/certificates.ts'
import { startGate, type Gate } from '../../support/gate.ts'
import { freePort, type ServerProcess } from '../../support/processes.ts'
import type { Storage } from '../../support/repositories.ts'

export const STABLE = 'acme/stable'
export const JS = 'acme/js'
/** A name by which customers reach the former alone. */
export const HOST_OF_STABLE = 'stable.example.com'
export const HOSTS: Readonly<Record<string, string>> = { [HOST_OF_STABLE]: STABLE }

/** How a front lets customers in: without TLS, with TLS for HTTP/1.1 alone, with TLS and HTTP/2 on offer (ALPN). */
export type Door = 'http' | 'tls' | 'h2'

export const DOORS: readonly Door[] = ['http', 'tls', 'h2']

/** Where customers come in. */
export interface Entrance {
  /** As package clients have it, which speak HTTP/1.1. No trailing slash. */
  readonly url: string
  /** The same for who speaks the newest HTTP that is on offer. */
  readonly look: string
  /** What vouches for it, as a file in PEM; undefined: it speaks without TLS. */
  readonly authority: string | undefined
}

/** A gate with what stands in front of it, as a customer reaches both. */
export interface RunningFront extends Entrance, AsyncDisposable {
  readonly gate: Gate
  /** What speaks to customers; undefined: the gate itself. */
  readonly server: ServerProcess | undefined
}

/** Of one that is started. */
interface FrontOptions {
  /** Default: `http`. */
  readonly door?: Door
  /** Of the gate. */
  readonly config?: Readonly<Record<string, unknown>>
}

/** One way in which packages reach customers, over repositories of `startStorage('deb', 'npm')`. */
export interface Front<Packages extends Storage = Storage> {
  readonly name: string
  /** The storage answers customers itself: a file is charged as a whole before, and what was sent of it is not known. */
  readonly isByLinks?: boolean
  readonly start: (packages: Packages, options?: FrontOptions) => Promise<RunningFront>
}

/** The door of whatever listens at a port of this machine with `sharedCertificate`. */
export function entrance(port: number, door: Door): Entrance {
  const address = `127.0.0.1:${port}`
  if (door === 'http') return { url: `http://${address}`, look: `http://${address}`, authority: undefined }
  const url = `https://${address}`
  return { url, look: door === 'h2' ? `h2://${address}` : url, authority: sharedCertificate().cert }
}

/** Settings of a gate that customers reach without anybody in between. */
export function doorOfGate(port: number, door: Door): Readonly<Record<string, unknown>> {
  const tls = { certificates: [sharedCertificate()], http2: door === 'h2' }
  return {
    listen: `127.0.0.1:${port}`,
    public_url: entrance(port, door).url,
    trusted_proxies: [],
    ...(door !== 'http' && { tls }),
  }
}

/** Settings of a gate that a front asks. */
export interface EdgeSettings {
  readonly edgePort: number
  readonly log: string
  readonly config?: Readonly<Record<string, unknown>> | undefined
}

/** A gate that lets a proxy of this machine ask. */
export function startAsked(
  storage: Storage,
  url: string,
  { edgePort, log, config = {} }: EdgeSettings,
): Promise<Gate> {
  return startBehind(storage, url, {
    edge: { listen: `127.0.0.1:${edgePort}`, peers: ['127.0.0.1'] },
    ...settledBy(log, config),
  })
}

/** Settings of a gate that reads a log. */
export function settledBy(
  log: string,
  config: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const offload = config['offload'] as object | undefined
  return { ...config, offload: { logs: [log], state: 'front-logs.json', ...offload } }
}

/** A gate whose customers come through `url`. */
export function startBehind(
  storage: Storage,
  url: string,
  settings: Readonly<Record<string, unknown>>,
  deliver: 'stream' | 'accel' = 'stream',
): Promise<Gate> {
  const repositories = {
    [STABLE]: { format: 'deb', upstream: `${storage.url}/debian/`, deliver },
    [JS]: { format: 'npm', upstream: `${storage.url}/npm/`, deliver },
  } as const
  return startGate({
    config: { public_url: url, trusted_proxies: ['127.0.0.1'], hosts: HOSTS, repositories, ...settings },
  })
}

/** A shipped file, with the ports and folders of a test in place of those that it names. Each has to be in it. */
export async function shipped(file: string, places: Readonly<Record<string, string>>): Promise<string> {
  let text = await readFile(fileURLToPath(new URL(`../../../config/${file}`, import.meta.url)), 'utf8')
  for (const [written, meant] of Object.entries(places)) {
    if (!text.includes(written)) throw new Error(`config/${file} has no ${written}`)
    text = text.replaceAll(written, meant)
  }
  return text
}

/** So many different ports. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}

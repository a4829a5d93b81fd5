import { randomInt } from 'node:crypto'
import { Writable } from 'node:stream'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Deliverer } from '../../src/deliver/contract.ts'
import { createHttpDeliverer } from '../../src/deliver/http.ts'
import { FORMATS } from '../../src/policy/formats.ts'
import type { Artifact, Format } from '../../src/policy/types.ts'
import { FORMAT_RULES } from '../../src/request/formats/formats.ts'
import { parseTarget, type Target, type TargetRules } from '../../src/request/target.ts'
import { startNginx } from '../support/nginx.ts'
import { temporaryDirectory } from '../support/processes.ts'
import { hostileRequests, type HostileRequest } from './hostile-targets.ts'
import { STORE, writeTree } from './storage-tree.ts'

/** The whole point of the gate: what the storage serves is what was decided about, however the client wrote it. */

const REQUESTS = 100_000
const AT_ONCE = 64
const FEWEST_FORWARDED = 30_000
const FEWEST_SERVED = 10_000

const RULES: TargetRules = {
  hosts: new Map(FORMATS.map((format) => [`${format}.test`, `acme/${format}`])),
  hasScopedNames: (_, repo) => FORMATS.some((each) => each === repo && FORMAT_RULES[each].hasScopedNames),
}

type Deliverers = ReadonlyMap<Format, Deliverer>

/** One request that got as far as the storage. */
interface Exchange {
  readonly request: HostileRequest
  readonly target: Target
  readonly artifact: Artifact
  readonly status: number
  /** What the storage served: by the making of the tree, the path of the file. */
  readonly body: string
  readonly location: string | undefined
}

test.each([
  ['as it comes', ''],
  ['that keeps double slashes', 'merge_slashes off;'],
])(
  'an nginx %s serves the artifact that was authorised, for any spelling',
  { timeout: 120_000 },
  async (_, extra) => {
    const seed = randomInt(2 ** 31)
    const exchanges = await exchangeAll(fc.sample(hostileRequests(), { numRuns: REQUESTS, seed }), extra)
    const wrong = exchanges.filter((exchange) => complaint(exchange) !== undefined)
    expect(wrong.slice(0, 5).map((each) => explain(each, seed))).toEqual([])
    expect(exchanges.length).toBeGreaterThan(FEWEST_FORWARDED)
    for (const format of FORMATS) {
      const served = exchanges.filter(({ artifact, status }) => artifact.format === format && status === 200)
      expect(served.length, `served from ${format}`).toBeGreaterThan(FEWEST_SERVED / FORMATS.length)
      expect(new Set(served.map(({ artifact }) => artifact.path)).size).toBeGreaterThan(8)
    }
  },
)

/** What is wrong with an exchange; undefined: nothing. */
function complaint({ request, target, artifact, status, body, location }: Exchange): string | undefined {
  if (location !== undefined)
    return isSlashAdded(request.host, target, location) ? undefined : 'it redirects to another file'
  if (status !== 200) return status === 404 ? undefined : `it is answered with ${status}`
  const prefix = `${STORE}/${target.repo}/`
  if (!body.startsWith(prefix)) return 'it is served from outside'
  const served = FORMAT_RULES[artifact.format].recognize(body.slice(prefix.length))
  const { kind, name, version, arch, path } = artifact
  if (isPageOf(path, served.path)) return undefined
  if (served.path !== path) return 'it is another file'
  const isSame =
    served.kind === kind && served.name === name && served.version === version && served.arch === arch
  return isSame ? undefined : 'it is taken for something else'
}

/** True for the file that a storage gives for a directory: of a Python project, its page. */
function isPageOf(directory: string, path: string): boolean {
  return directory.endsWith('/') && path === `${directory}index.html`
}

/** True for the gate's own URL of the same path with a slash after it, as nginx answers for a directory. */
function isSlashAdded(host: string, { prefix, path }: Target, location: string): boolean {
  const asked = parseTarget(location, host, RULES)
  return location.startsWith(prefix) && 'path' in asked && asked.path === `${path}/`
}

function explain(exchange: Exchange, seed: number): object {
  const { request, artifact, status, body, location } = exchange
  return { wrong: complaint(exchange), request, artifact, status, body, location, seed }
}

/** Sends all requests through the gate's steps to an nginx with `extra` directives; those that got there. */
async function exchangeAll(requests: readonly HostileRequest[], extra: string): Promise<Exchange[]> {
  await using directory = await temporaryDirectory('tree')
  await writeTree(directory.path)
  const serverConfig = `access_log off; keepalive_requests 1000000; root ${directory.path}; ${extra}`
  await using nginx = await startNginx({ serverConfig })
  const deliverers = new Map(
    FORMATS.map((format) => [format, deliverFrom(`${nginx.url}/${STORE}/${format}/`)]),
  )
  try {
    return await sendAll(requests, deliverers)
  } finally {
    for (const deliverer of deliverers.values()) await deliverer.close()
  }
}

function deliverFrom(url: string): Deliverer {
  return createHttpDeliverer({
    url,
    connections: AT_ONCE,
    connectTimeoutMs: 10_000,
    headersTimeoutMs: 10_000,
    idleTimeoutMs: 10_000,
    onFailure: () => undefined,
  })
}

async function sendAll(requests: readonly HostileRequest[], deliverers: Deliverers): Promise<Exchange[]> {
  const exchanges: Exchange[] = []
  const queue = requests.values()
  const work = async (): Promise<void> => {
    for (const request of queue) {
      const exchange = await send(request, deliverers)
      if (exchange !== undefined) exchanges.push(exchange)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return exchanges
}

/** Takes one request through the gate's steps; undefined when one of them refuses it. */
async function send(request: HostileRequest, deliverers: Deliverers): Promise<Exchange | undefined> {
  const target = parseTarget(request.target, request.host, RULES)
  if ('ok' in target) return undefined
  const format = FORMATS.find((each) => target.owner === 'acme' && target.repo === each)
  const deliverer = format && deliverers.get(format)
  if (format === undefined || deliverer === undefined) return undefined
  const artifact = FORMAT_RULES[format].recognize(target.path)
  const opened = await deliverer.open({
    method: 'GET',
    artifact,
    query: target.query,
    headers: {},
    openUrl: () => '',
    baseUrl: target.prefix,
    includes: undefined,
    includesAllVersions: () => true,
    mayBeSentTo: () => false,
    onGone: () => undefined,
  })
  const seen = { request, target, artifact, location: undefined }
  if (!opened.ok) return { ...seen, status: opened.code === 'not_found' ? 404 : 502, body: '' }
  const at = opened.headers.indexOf('location')
  const location = at === -1 ? undefined : opened.headers[at + 1]
  const chunks: Buffer[] = []
  await opened.body?.send(new Writable({ write: (chunk: Buffer, _, done) => (chunks.push(chunk), done()) }))
  return { ...seen, status: opened.status, body: Buffer.concat(chunks).toString(), location }
}

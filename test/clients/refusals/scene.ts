import { join } from 'node:path'
import { buildComposerRepository } from '../../support/composer-repository.ts'
import { startGate, type Gate, type GateToken } from '../../support/gate.ts'
import { buildNpmRepository } from '../../support/npm-repository.ts'
import { waitFor } from '../../support/processes.ts'
import { buildPythonRepository } from '../../support/python-repository.ts'
import { startRelay, type Relay } from '../../support/relay.ts'
import { startStorage } from '../../support/repositories.ts'
import { startRubyStorage } from '../../support/ruby-storage.ts'
import { startImages } from '../images.ts'
import type { Format } from '../../../src/policy/types.ts'

/** By its client. */
export type ClientRepository =
  | 'acme/apt'
  | 'acme/dnf'
  | 'acme/npm'
  | 'acme/pip'
  | 'acme/maven'
  | 'acme/go'
  | 'acme/composer'
  | 'acme/curl'
  | 'acme/gem'
  | 'acme/bundler'
  | 'acme/skopeo'

/** Each repository is that of one client, and its storage can be taken away without the others'. */
const REPOSITORIES: Readonly<Record<ClientRepository, readonly [Format, string]>> = {
  'acme/apt': ['deb', 'debian/'],
  'acme/dnf': ['rpm', 'rpm/'],
  'acme/npm': ['npm', 'npm/'],
  'acme/pip': ['python', 'python/'],
  'acme/maven': ['maven', 'maven/'],
  'acme/go': ['go', 'go/'],
  'acme/composer': ['composer', 'composer/'],
  'acme/curl': ['raw', 'raw/'],
  'acme/gem': ['ruby', ''],
  'acme/bundler': ['ruby', ''],
  'acme/skopeo': ['docker', 'team/'],
}

/** A gate in front of storages that come and go. */
export interface Scene extends AsyncDisposable {
  readonly gate: Gate
  /** The folder of the storages, for keys and tools. */
  readonly root: string
  readonly storageOf: (repository: ClientRepository) => Relay
  /** Changes a token and resolves when the gate judges by it. `null` fields are cleared. */
  readonly change: (repository: ClientRepository, token: GateToken, fields: object) => Promise<void>
  /** Requests that were refused so far, whatever for. */
  readonly refused: (repository: ClientRepository) => Promise<number>
}

export async function startScene(): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const storage = stack.use(await startStorage('deb', 'rpm', 'raw', 'maven', 'go'))
  const gems = stack.use(await startRubyStorage())
  const images = stack.use(await startImages())
  const ports: Partial<Record<Format, number>> = { ruby: portOf(gems.url), docker: portOf(images.url) }
  const relays = new Map<string, Relay>()
  const configured: Record<string, { format: Format; upstream: string; cache: boolean }> = {}
  for (const [name, [format, path]] of Object.entries(REPOSITORIES)) {
    const relay = stack.use(await startRelay(ports[format] ?? storage.nginx.port))
    relays.set(name, relay)
    configured[name] = { format, upstream: `http://127.0.0.1:${relay.port}/${path}`, cache: false }
  }
  // Their documents name the storage by its URL.
  const urlOf = (name: ClientRepository): string => (configured[name]?.upstream ?? '').replace(/\/$/, '')
  await Promise.all([
    buildNpmRepository(storage.root, urlOf('acme/npm')),
    buildPythonRepository(storage.root, urlOf('acme/pip')),
    buildComposerRepository(storage.root, urlOf('acme/composer')),
  ])
  const gate = stack.use(await startGate({ config: { repositories: configured } }))
  const kept = stack.move()
  return {
    gate,
    root: storage.root,
    storageOf: (repository) => relays.get(repository) as Relay,
    change: (repository, token, fields) => change(gate, repository, token, fields),
    refused: (repository) => countRefused(gate, repository),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}

/** By way of a token that is switched off, so that it can be seen when the change has arrived. */
async function change(gate: Gate, repository: string, token: GateToken, fields: object): Promise<void> {
  const path = `/entitlements/${repository}/${token.slug_perm}/`
  const isOff = async (): Promise<boolean> => {
    const asked = { target: `/basic/${repository}/x`, authorization: `Bearer ${token.token}` }
    const { body } = await gate.admin('POST', '/explain/', asked)
    return (body as { answer: { code?: string } }).answer.code === 'token_disabled'
  }
  await gate.admin('PATCH', path, { is_active: false })
  await waitFor(isOff, { what: 'the token to be off' })
  const answer = await gate.admin('PATCH', path, { is_active: true, ...fields })
  if (answer.status !== 200) throw new Error(JSON.stringify(answer))
  if (!('is_active' in fields))
    await waitFor(async () => !(await isOff()), { what: 'the token to be changed' })
}

const REFUSED = /^postern_requests_total\{repository="([^"]+)",outcome="([a-z_]+)"\} (\d+)$/gm
const GOOD: ReadonlySet<string> = new Set(['delivered', 'not_modified', 'passed', 'not_found', 'aborted'])

async function countRefused(gate: Gate, repository: string): Promise<number> {
  const response = await fetch(`${gate.adminUrl}/metrics`, { headers: { 'x-api-key': gate.adminKey } })
  const lines = (await response.text()).matchAll(REFUSED)
  return Array.from(lines).reduce(
    (sum, [, name, outcome = '', count]) =>
      name === repository && !GOOD.has(outcome) ? sum + Number(count) : sum,
    0,
  )
}

/** The key that signed the Debian repository. */
export function debianKey(scene: Scene): string {
  return join(scene.root, 'debian/key.asc')
}

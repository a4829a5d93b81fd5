import { checkUpstreams } from './check-upstreams.ts'
import { collides, parseListen } from './listen.ts'
import type { Finding } from './mistake.ts'
import { whyNoHost, whyNoRepository } from './names.ts'
import { didYouMean } from '../text/near.ts'
import { quote } from './parsed.ts'
import type { Places } from './places.ts'
import { isRecord } from './record.ts'
import { DEFAULTS } from './schema/defaults.ts'
import { parseStore, resolveFiles } from './store-url.ts'
import type { StoreConfig } from './types.ts'
import { writtenUpstreams } from './upstream-list.ts'

/**
 * What only shows when two places are compared, and the names that are keys. Works on the raw values, whatever they are, so
 * that these mistakes are told together with the others.
 */
export function crossCheck(raw: unknown, places: Places): Finding[] {
  return [
    ...checkRepositories(raw),
    ...checkEmpty(raw),
    ...checkRegistries(raw),
    ...checkStorages(raw),
    ...checkSetup(raw),
    ...checkHosts(raw),
    ...checkListen(raw),
    ...checkProxies(raw),
    ...checkWorkers(raw),
    ...checkFolders(raw, places),
    ...checkSecretKey(raw),
    ...checkJournal(raw),
    ...checkEdge(raw),
  ]
}

function checkRepositories(raw: unknown): Finding[] {
  const seen = new Map<string, string>()
  return entries(raw, 'repositories').flatMap(([key]) => {
    const twin = seen.get(key.toLowerCase())
    seen.set(key.toLowerCase(), key)
    const message = whyNoRepository(key) ?? whyTwin(twin)
    return message === undefined ? [] : [{ path: ['repositories', key], message, atKey: true }]
  })
}

function whyTwin(twin: string | undefined): string | undefined {
  if (twin === undefined) return undefined
  return `differs from ${quote(twin)} only by case; rename one, so that they can't be taken for each other`
}

function checkEmpty(raw: unknown): Finding[] {
  const isGroup = isRecord(member(raw, 'repositories'))
  if (!isGroup || entries(raw, 'repositories').length > 0) return []
  return [{ path: ['repositories'], message: 'is empty; a gate needs at least one repository' }]
}

/** Names that clients of registries can say; a segment that a host name implies, they need not. */
const IMAGE_NAME = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/

function checkRegistries(raw: unknown): Finding[] {
  const implied = new Set(entries(raw, 'hosts').map(([, target]) => target))
  return entries(raw, 'repositories').flatMap(([key, value]) => {
    if (member(value, 'format') !== 'docker') return []
    const [owner = '', repo = ''] = key.split('/')
    const said = implied.has(key) ? [] : implied.has(owner) ? [repo] : [owner, repo]
    if (said.every((segment) => IMAGE_NAME.test(segment))) return []
    const message = 'is no name that docker understands; it must be in lower case'
    return [{ path: ['repositories', key], message, atKey: true }]
  })
}

function checkStorages(raw: unknown): Finding[] {
  return entries(raw, 'repositories').flatMap(([key, value]) => {
    if (!isRecord(value) || writtenUpstreams(value).length === 0) return []
    const why = whyNotAccel(value['deliver'], value['format'], raw)
    const accel = why === undefined ? [] : [{ path: ['repositories', key, 'deliver'], message: why }]
    return [...checkUpstreams(['repositories', key], value, raw), ...accel]
  })
}

/** Formats with a script, and what each of them has no use for. */
const SETUP_FORMATS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['deb', ['signed_packages']],
  ['rpm', ['suite', 'components']],
  ['alpine', ['suite', 'components', 'signed_packages']],
])

function checkSetup(raw: unknown): Finding[] {
  return entries(raw, 'repositories').flatMap(([key, value]): Finding[] => {
    const [format, given] = [member(value, 'format'), member(value, 'setup')]
    if (typeof format !== 'string' || !isRecord(given)) return []
    const useless = SETUP_FORMATS.get(format)
    const path = ['repositories', key, 'setup']
    if (useless === undefined)
      return [{ path, message: 'is for deb, rpm and alpine; other formats have no script', atKey: true }]
    return useless
      .filter((name) => Object.hasOwn(given, name))
      .map((name) => ({ path: [...path, name], message: `means nothing for ${format}`, atKey: true }))
  })
}

function checkHosts(raw: unknown): Finding[] {
  const repositories = entries(raw, 'repositories').map(([key]) => key)
  const targets = new Set(repositories.flatMap((key) => [key, key.split('/')[0] ?? '']))
  const seen = new Set<string>()
  return entries(raw, 'hosts').flatMap(([host, target]) => {
    const path = ['hosts', host]
    const repeats = seen.size === seen.add(host.toLowerCase()).size
    const why =
      whyNoHost(host) ??
      (repeats ? 'is listed twice, for case does not matter in host names; keep one' : undefined)
    const name: Finding[] = why === undefined ? [] : [{ path, message: why, atKey: true }]
    if (typeof target !== 'string' || targets.size === 0 || targets.has(target)) return name
    const hint = didYouMean(target, targets)
    return [
      ...name,
      { path, message: `${quote(target)} is no owner or owner/repo of the repositories${hint}` },
    ]
  })
}

function checkListen(raw: unknown): Finding[] {
  const open = textOr(member(raw, 'listen'), DEFAULTS.listen)
  const given = member(member(raw, 'admin'), 'listen')
  const [customers, admin] = [parseListen(open), parseListen(textOr(given, DEFAULTS.adminListen))]
  if (!customers.ok || !admin.ok || !collides(customers.value, admin.value)) return []
  if (given !== undefined)
    return [{ path: ['admin', 'listen'], message: 'is the address of listen; choose another port' }]
  return [
    { path: ['listen'], message: 'is the address of admin.listen, where it is not set; choose another port' },
  ]
}

/** The kernel deals connections out to processes that listen on one port, not to those of one path. */
function checkWorkers(raw: unknown): Finding[] {
  const workers = member(raw, 'workers')
  const isUnix = textOr(member(raw, 'listen'), DEFAULTS.listen).startsWith('unix:')
  if (!isUnix || typeof workers !== 'number' || workers === 1) return []
  const message = 'can only be 1 with a Unix socket; for more, have systemd listen there (listen: systemd)'
  return [{ path: ['workers'], message }]
}

/** Who may speak for others has to be told. */
function checkProxies(raw: unknown): Finding[] {
  if (member(raw, 'proxy_protocol') !== true) return []
  const proxies = member(raw, 'trusted_proxies')
  if (Array.isArray(proxies) && proxies.length > 0) return []
  return [
    {
      path: ['proxy_protocol'],
      message: 'needs trusted_proxies, whose PROXY headers are believed; list them',
    },
  ]
}

/** Customers could download the database with its key, or the configuration. */
function checkFolders(raw: unknown, places: Places): Finding[] {
  const store = parseStore(textOr(member(raw, 'store'), DEFAULTS.store))
  const kept = store.ok ? secretFiles(resolveFiles(store.value, places.resolve)) : []
  const journal = textOr(member(member(raw, 'journal'), 'folder'), '')
  const usage = journal === '' ? [] : [['the journal', places.resolve(journal)] as const]
  const keys = [...keyFiles(raw), ...keyFiles(member(raw, 'admin'))].map((file) => places.resolve(file))
  const tls = keys.map((file) => ['the key of a certificate', file] as const)
  const secrets = [['this configuration', places.file] as const, ...kept, ...usage, ...tls]
  return entries(raw, 'repositories').flatMap(([key, value]) => {
    return writtenUpstreams(value).flatMap(({ upstream, path }) => {
      if (upstream.kind !== 'files') return []
      const directory = places.resolve(upstream.directory)
      const inside = secrets.find(([, file]) => places.holds(directory, file))
      if (inside === undefined) return []
      const message = `is a folder that holds ${inside[0]}, which could be downloaded; serve a folder of its own`
      return [{ path: ['repositories', key, ...path], message }]
    })
  })
}

function keyFiles(listener: unknown): string[] {
  const given = member(member(listener, 'tls'), 'certificates')
  const files = Array.isArray(given) ? given.map((each: unknown) => member(each, 'key')) : []
  return files.filter((file) => typeof file === 'string')
}

function secretFiles(store: StoreConfig): (readonly [string, string])[] {
  if (store.kind === 'sqlite') return [['the store', store.file]]
  const key = store.tls?.key ?? null
  return key === null ? [] : [['the key for the store', key]]
}

/** Hosts that share a store read each other's secrets: each would make a key of its own. */
function checkSecretKey(raw: unknown): Finding[] {
  const store = parseStore(textOr(member(raw, 'store'), DEFAULTS.store))
  if (!store.ok || store.value.kind === 'sqlite' || member(raw, 'secret_key') !== undefined) return []
  return [{ path: ['store'], message: 'is shared by hosts, which need the same secret_key; set that, too' }]
}

function checkJournal(raw: unknown): Finding[] {
  if (member(raw, 'journal') !== undefined) return []
  return entries(raw, 'repositories').flatMap(([key, value]) => {
    if (member(value, 'when_store_fails') !== 'serve_cached') return []
    const message = 'needs a journal, where usage waits for the store; set journal.folder'
    return [{ path: ['repositories', key, 'when_store_fails'], message }]
  })
}

function whyNotAccel(way: unknown, format: unknown, raw: unknown): string | undefined {
  if (way !== 'accel') return undefined
  if (format === 'docker') return 'is accel, and images are always sent by the gate; write stream'
  const proxies = member(raw, 'trusted_proxies')
  if (Array.isArray(proxies) && proxies.length > 0) return undefined
  return 'is accel, which only a trusted proxy is answered with; list the nginx in front in trusted_proxies'
}

function checkEdge(raw: unknown): Finding[] {
  const [edge, offload] = [member(raw, 'edge'), member(raw, 'offload')]
  const given = member(edge, 'listen')
  const findings: Finding[] = []
  if (typeof given === 'string' && given.startsWith('unix:') && member(raw, 'workers') !== 1)
    findings.push({
      path: ['edge', 'listen'],
      message: 'is a Unix socket, which one process alone can listen on; set workers: 1, or write host:port',
    })
  const address = parseListen(textOr(given, ''))
  const others = [
    parseListen(textOr(member(raw, 'listen'), DEFAULTS.listen)),
    parseListen(textOr(member(member(raw, 'admin'), 'listen'), DEFAULTS.adminListen)),
  ]
  if (address.ok && others.some((other) => other.ok && collides(address.value, other.value)))
    findings.push({
      path: ['edge', 'listen'],
      message: 'is the address of listen or admin.listen; choose another port',
    })
  const logs = member(offload, 'logs')
  const isTold = Array.isArray(logs) && logs.some((log) => !textOr(log, '').startsWith('folder:'))
  if (member(offload, 'sizes') === 'unknown' && !isTold)
    findings.push({
      path: ['offload', 'sizes'],
      message: 'is unknown, and without a log nobody would know what was sent; set logs, or write ask',
    })
  return findings
}

function entries(raw: unknown, key: string): [string, unknown][] {
  const group = member(raw, key)
  return isRecord(group) ? Object.entries(group) : []
}

function member(raw: unknown, key: string): unknown {
  return isRecord(raw) && Object.hasOwn(raw, key) ? raw[key] : undefined
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}

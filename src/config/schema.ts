import { z } from 'zod'
import { FORMATS } from '../policy/formats.ts'
import { compileNetworks } from '../policy/networks.ts'
import type { Format } from '../policy/types.ts'
import { client } from './client.ts'
import { parseDays } from './days.ts'
import { accelPrefix, deliver } from './deliver.ts'
import { parseDuration } from './duration.ts'
import { eula } from './eula.ts'
import { parsePublicUrl } from './http-url.ts'
import { derivePublicUrl, parseListen } from './listen.ts'
import { REPOSITORY_PATTERN } from './names.ts'
import { parseNetwork } from './network.ts'
import { edge, offload } from './offload.ts'
import { failover } from './failover.ts'
import { bad, good, type Parsed } from './parsed.ts'
import { NO_PAGE, page, pageOf, withPages, type GivenPage } from './page.ts'
import type { Places } from './places.ts'
import { s3 } from './s3.ts'
import { consoleKeys } from './schema/console.ts'
import {
  choice,
  flag,
  group,
  numberBetween,
  setting,
  text,
  wholeNumber,
  wrongType,
  type Setting,
} from './schema-parts.ts'
import { setup } from './setup.ts'
import { parseSize } from './size.ts'
import { parseStore, resolveFiles } from './store-url.ts'
import type { Variables } from './substitute.ts'
import { plainTls, tlsWith } from './tls.ts'
import type { Config, EulaConfig, ListenAddress, RepositoryConfig } from './types.ts'
import { upstreams } from './upstream-list.ts'
import { parseUpstream, type ParsedUpstream } from './upstream.ts'
import { withStorage } from './with-storage.ts'

/** Words that other tools use for our formats. */
const FORMAT_SYNONYMS: Readonly<Record<string, Format>> = {
  apt: 'deb',
  debian: 'deb',
  yum: 'rpm',
  dnf: 'rpm',
  node: 'npm',
  generic: 'raw',
  pip: 'python',
  pypi: 'python',
  mvn: 'maven',
  gradle: 'maven',
  golang: 'go',
  goproxy: 'go',
  apk: 'alpine',
  rust: 'cargo',
  crates: 'cargo',
  dotnet: 'nuget',
  chocolatey: 'nuget',
  powershell: 'nuget',
  mamba: 'conda',
  anaconda: 'conda',
  opentofu: 'terraform',
  tofu: 'terraform',
  oci: 'docker',
  container: 'docker',
  containers: 'docker',
  gem: 'ruby',
  rubygems: 'ruby',
  bundler: 'ruby',
  php: 'composer',
  packagist: 'composer',
  chart: 'helm',
  charts: 'helm',
  chartmuseum: 'helm',
  pacman: 'arch',
  archlinux: 'arch',
  r: 'cran',
  lua: 'luarocks',
  rocks: 'luarocks',
  elixir: 'hex',
  erlang: 'hex',
  mix: 'hex',
  pub: 'dart',
  flutter: 'dart',
  spm: 'swift',
  swiftpm: 'swift',
  box: 'vagrant',
  boxes: 'vagrant',
  hf: 'huggingface',
}
const LEVEL_SYNONYMS = {
  trace: 'debug',
  warning: 'warn',
  fatal: 'error',
  off: 'silent',
  none: 'silent',
} as const

const MOST_WORKERS = 256

/** What applies where the file is silent, as it would be written there. */
export const DEFAULTS: { readonly listen: string; readonly adminListen: string; readonly store: string } = {
  listen: '127.0.0.1:8080',
  adminListen: '127.0.0.1:8081',
  store: 'sqlite:data/postern.db',
}

/** The shape of the file; parsing gives the configuration. What needs two places of it to judge is in cross-checks.ts. */
export function createSchema(places: Places, variables: Variables = {}): z.ZodType<Config> {
  const file = group({
    ...gate(places),
    ...state(places),
    repositories: repositories(places, variables),
    edge: edge(places),
    offload: offload(places),
    ...limits(),
    ...memory(),
    page: page(places).meta({ description: 'What customers see in a browser, at the root of a repository.' }),
    ...observation(),
    ...records(),
    ...history(),
  })
  return file.transform((given) => ({
    file: places.file,
    listen: given.listen,
    tls: given.tls ?? null,
    proxyProtocol: given.proxy_protocol,
    client: given.client,
    publicUrl: given.public_url ?? derivePublicUrl(given.listen, given.tls !== undefined),
    isPublicUrlGuessed: given.public_url === undefined,
    admin: { listen: given.admin.listen, tls: given.admin.tls ?? null },
    edge: given.edge ?? null,
    offload: given.offload,
    workers: given.workers ?? null,
    store: given.store,
    secretKey: given.secret_key ?? null,
    journal: given.journal ?? null,
    trustedProxies: given.trusted_proxies,
    hosts: new Map(Object.entries(given.hosts).map(([host, target]) => [host.toLowerCase(), target])),
    repositories: withPages(given.repositories, given.page),
    page: pageOf(given.page, NO_PAGE),
    upstream: given.upstream,
    cache: given.cache,
    metrics: given.metrics,
    history: given.history,
    log: given.log,
    audit: given.audit,
    events: given.events,
    console: { idleMs: given.console.idle_timeout, maxMs: given.console.max_session },
    drainTimeoutMs: given.drain_timeout,
  }))
}

function gate(places: Places) {
  return {
    listen: listen(
      places,
      DEFAULTS.listen,
      'Where customers are served: host:port, [::1]:8080, :8080 for all interfaces, unix: and a path, or systemd.',
    ),
    tls: tlsWith(places).meta({ description: 'Certificates for HTTPS. Default: plain HTTP.' }),
    proxy_protocol: flag(
      false,
      'Whether connections begin with a PROXY header (version 1 or 2), which trusted_proxies send.',
    ),
    client: client(),
    public_url: text(parsePublicUrl, 'https://packages.example.com')
      .optional()
      .meta({ description: 'How customers reach the gate. Default: derived from listen.' }),
    admin: group({
      listen: listen(places, DEFAULTS.adminListen, 'Where the management API is served.'),
      tls: plainTls(places).meta({ description: 'Certificates for HTTPS. Default: plain HTTP.' }),
    })
      .prefault({})
      .meta({ description: 'The management side.' }),
    ...consoleKeys(),
    workers: numberBetween(1, MOST_WORKERS).optional().meta({
      description: 'Processes that serve customers, 1 for no further ones. Default: the number of cores.',
    }),
    trusted_proxies: z
      .array(text(parseNetwork, '10.0.0.0/8'), { error: wrongType('a list like [10.0.0.0/8]') })
      .prefault([])
      .meta({ description: 'Addresses and CIDR ranges whose X-Forwarded-For is believed.' }),
    hosts: z
      .record(z.string(), text(good, 'owner/repo'), { error: wrongType('a group of host: owner/repo') })
      .prefault({})
      .meta({ description: 'Host name → the owner or owner/repo that URLs on that host leave out.' }),
  }
}

function state(places: Places) {
  return {
    store: text(parseStore, DEFAULTS.store)
      .prefault(DEFAULTS.store)
      .transform((store) => resolveFiles(store, places.resolve))
      .meta({
        description: 'Where tokens and usage are kept: sqlite:path for one host, redis://host:6379 for many.',
      }),
    secret_key: z
      .string({ error: wrongType('text of 32 characters or more, in quotes if it is all digits') })
      .min(32, 'is too short; 32 characters or more are needed')
      .optional()
      .meta({
        description:
          'Key that protects kept secrets. Default: made at the first start, beside a SQLite store; needed with Redis.',
      }),
    journal: journal(places),
  }
}

function journal(places: Places) {
  return group({
    folder: text((given) => resolveJournal(given, places), 'data/journal').meta({
      description: 'Folder of its own, on a local disk; made where it is missing.',
    }),
    believe_for: duration(
      '1h',
      1000,
      'How long tokens are believed after the store was last asked about them.',
    ),
    max_size: size('256MiB', LEAST_JOURNAL, MOST_KEPT, 'Of all its files; what does not fit is refused.'),
  })
    .transform((given) => ({
      folder: given.folder,
      believeForMs: given.believe_for,
      maxBytes: given.max_size,
    }))
    .optional()
    .meta({ description: 'Where usage waits while the store is away. Default: nowhere.' })
}

function resolveJournal(given: string, places: Places): Parsed<string> {
  if (given === '' || /\p{C}/u.test(given)) return bad('names no folder; write a path like data/journal')
  const folder = places.resolve(given)
  const why = places.whyNotWritable(folder)
  return why === undefined ? good(folder) : bad(`names a folder that can't be used: ${why}`)
}

function repositories(places: Places, variables: Variables) {
  const repository = group({
    format: choice(FORMATS, FORMAT_SYNONYMS).meta({ description: 'What is in it.' }),
    upstream: upstreams((given) => resolveUpstream(given, places), places),
    failover: failover(),
    s3: s3(places).meta({ description: 'How the bucket of an s3: upstream is reached.' }),
    accel_prefix: accelPrefix(),
    public: flag(false, 'Readable by everybody, at /public/…'),
    cache: z
      .boolean({ error: wrongType('true or false') })
      .optional()
      .meta({
        description: 'Whether its small files are kept in memory. Default: true, but false for a folder.',
      }),
    when_store_fails: choice(['refuse', 'serve_cached']).default('refuse').meta({
      description:
        'Whether tokens that are remembered are served without the store, and their usage is added later.',
    }),
    deliver: deliver(),
    setup: setup(places).meta({ description: 'What the scripts have to know that set up machines.' }),
    page: page(places).meta({ description: 'What customers see of it in a browser. Default: page.' }),
    eula: eula(places).meta({ description: 'What customers have to accept before they get anything.' }),
  }).transform((given, context) => withStorage(given, variables, context))
  return z
    .record(z.string(), repository, { error: wrongType('a group of owner/repo: {format, upstream}') })
    .transform((all) => new Map(Object.entries(all).map(([name, given]) => [name, named(name, given)])))
    .meta({ description: 'What is served, by owner/repo.', propertyNames: { pattern: REPOSITORY_PATTERN } })
}

function limits() {
  const timeouts = group({
    connect_timeout: duration('5s', 1, 'Longest wait for a connection.'),
    headers_timeout: duration('30s', 1, 'Longest wait for the beginning of an answer.'),
    idle_timeout: duration('60s', 1, 'Longest silence inside a file.'),
    connections: wholeNumber(1, 65_535, 256, 'Connections per storage host.'),
  }).transform((given) => ({
    connectTimeoutMs: given.connect_timeout,
    headersTimeoutMs: given.headers_timeout,
    idleTimeoutMs: given.idle_timeout,
    connections: given.connections,
  }))
  return {
    upstream: timeouts.prefault({}).meta({ description: 'Patience with the storage.' }),
    drain_timeout: duration('30s', 0, 'How long a stopping process waits for downloads under way.'),
  }
}

function memory() {
  const cache = group({
    max_size: size(
      '64MiB',
      0,
      MOST_KEPT,
      'Memory for files that are answered without asking the storage; 0B for none.',
    ),
    max_object_size: size('256KiB', 1, MOST_OBJECT, 'Largest file that is kept.'),
    default_ttl: duration(
      '2s',
      0,
      'How long a file is believed to be current where the storage does not say.',
    ),
  }).transform((given) => ({
    maxBytes: given.max_size,
    maxObjectBytes: given.max_object_size,
    defaultTtlMs: given.default_ttl,
  }))
  return { cache: cache.prefault({}).meta({ description: 'Small files that are kept in memory.' }) }
}

function observation() {
  const figures = group({
    max_customers: wholeNumber(
      0,
      100_000,
      1000,
      'Customers with figures of their own; others are summed up.',
    ),
  }).transform((given) => ({ maxCustomers: given.max_customers }))
  const log = group({
    level: choice(['debug', 'info', 'warn', 'error', 'silent'], LEVEL_SYNONYMS)
      .default('info')
      .meta({ description: 'The least serious messages that are written.' }),
    access: flag(true, 'A line for each request.'),
  })
  return {
    metrics: figures.prefault({}).meta({ description: 'Prometheus figures.' }),
    log: log.prefault({}).meta({ description: 'The log.' }),
  }
}

/** A range of addresses, exactly as policy/networks.ts reads it. */
function parseRange(given: string): Parsed<string> {
  const compiled = compileNetworks([given])
  return compiled.ok ? good(given) : bad(compiled.problems[0]?.message ?? 'is no network')
}

const MOST_DAYS_AHEAD = 365
const MOST_EXPIRING = 10

function records() {
  const audit = group({
    keep: days('400d', 'How long the audit log reaches back.'),
  }).transform((given) => ({ keepMs: given.keep }))
  const events = group({
    expiring_days: z
      .array(numberBetween(1, MOST_DAYS_AHEAD), { error: wrongType('a list of days like [30, 7, 1]') })
      .max(MOST_EXPIRING, `must have at most ${MOST_EXPIRING} entries`)
      .prefault([30, 7, 1])
      .meta({ description: 'So many days before a token expires webhooks are told.' }),
    allowed_networks: z
      .array(text(parseRange, '10.0.0.0/8'), { error: wrongType('a list like [10.0.0.0/8]') })
      .prefault([])
      .meta({
        description: 'Addresses and CIDR ranges that webhooks may lead to although they are not public.',
      }),
    allow_http: flag(false, 'Whether webhooks may lead to http:// URLs.'),
    keep: days('30d', 'How long deliveries that ended are shown.'),
  }).transform((given) => ({
    expiringDays: given.expiring_days,
    allowedNetworks: given.allowed_networks,
    allowsHttp: given.allow_http,
    keepMs: given.keep,
  }))
  return {
    audit: audit.prefault({}).meta({ description: 'Who changed what through the management API.' }),
    events: events.prefault({}).meta({ description: 'What webhooks are told, and where they may lead.' }),
  }
}

function days(byDefault: string, description: string): Setting<number> {
  return setting(parseDays, byDefault, description)
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function history() {
  const kept = group({
    enabled: flag(true, 'Whether anything is recorded. history: off says the same in short.'),
    hours: wholeNumber(1, 24 * 366, 8 * 24, 'Hours for which usage is kept hour by hour.'),
    days: wholeNumber(1, 3_660, 400, 'Days for which usage is kept day by day, and packages are remembered.'),
    packages: wholeNumber(1, 1_000_000, 5_000, 'Packages that are remembered of each token.'),
    log_days: wholeNumber(1, 3_660, 30, 'Days for which single downloads are kept.'),
    log_entries: wholeNumber(0, 100_000_000, 200_000, 'Single downloads that are kept of each repository.'),
    addresses: choice(['full', 'network'], { masked: 'network' }).default('full').meta({
      description: 'What is recorded of clients: their addresses, or the /24 (IPv6: /48) they are in.',
    }),
    user_agents: flag(true, 'Whether user agents are recorded.'),
  }).transform((given) => ({
    isRecorded: given.enabled,
    hoursMs: given.hours * HOUR_MS,
    daysMs: given.days * DAY_MS,
    packages: given.packages,
    logMs: given.log_days * DAY_MS,
    logEntries: given.log_entries,
    addresses: given.addresses,
    userAgents: given.user_agents,
  }))
  const isOff = (given: unknown): boolean => given === 'off' || given === false
  const written = z.preprocess((given) => (isOff(given) ? { enabled: false } : given), kept)
  const description = 'Who used what and when, for reports; off: nothing is recorded.'
  // For editors: the word is as good as the group.
  return { history: written.prefault({}).meta({ description, type: ['object', 'string', 'boolean'] }) }
}

function listen(places: Places, byDefault: string, description: string): Setting<ListenAddress> {
  const parse = (given: string): Parsed<ListenAddress> => {
    const parsed = parseListen(given)
    if (!parsed.ok || !('path' in parsed.value)) return parsed
    return good({ ...parsed.value, path: places.resolve(parsed.value.path) })
  }
  return setting(parse, byDefault, description)
}

function duration(byDefault: string, leastMs: number, description: string): Setting<number> {
  return setting((given) => parseDuration(given, leastMs), byDefault, description)
}

const MOST_KEPT = 64 * 1024 ** 3
const MOST_OBJECT = 64 * 1024 ** 2
const LEAST_JOURNAL = 1024 ** 2

function size(byDefault: string, least: number, most: number, description: string): Setting<number> {
  return setting((given) => parseSize(given, least, most), byDefault, description)
}

function resolveUpstream(given: string, places: Places): Parsed<ParsedUpstream> {
  const parsed = parseUpstream(given)
  if (!parsed.ok || parsed.value.kind !== 'files') return parsed
  const directory = places.resolve(parsed.value.directory)
  if (!places.isDirectory(directory)) return bad(`names no existing folder; there is none at ${directory}`)
  return good({ kind: 'files', directory })
}

/** A repository whose page is as the file has it. */
type NamedRepository = Omit<RepositoryConfig, 'page'> & { readonly page: GivenPage }

type GivenRepository = Omit<
  NamedRepository,
  'owner' | 'repo' | 'accelPrefix' | 'cache' | 'whenStoreFails' | 'eula'
> & {
  readonly eula?: EulaConfig | undefined
  readonly accel_prefix?: string | undefined
  readonly cache?: boolean | undefined
  readonly when_store_fails: RepositoryConfig['whenStoreFails']
}

/** A folder is asked quickly and has no word on how long its files are current: there the memory is only for who wants it. */
function named(name: string, given: GivenRepository): NamedRepository {
  const [owner = '', repo = ''] = name.split('/')
  const { when_store_fails: whenStoreFails, accel_prefix: prefix, ...rest } = given
  const isFolder = [given.upstream, ...given.mirrors].every(({ kind }) => kind === 'files')
  const cache = given.cache ?? !isFolder
  const placed = { owner, repo, accelPrefix: prefix ?? `/postern-internal/${name}/` }
  return { ...placed, ...rest, cache, whenStoreFails, eula: given.eula ?? null }
}

import { z } from 'zod'
import { client } from './client.ts'
import { parsePublicUrl } from './http-url.ts'
import { derivePublicUrl, parseListen } from './listen.ts'
import { parseNetwork } from './network.ts'
import { edge, offload } from './offload.ts'
import { NO_PAGE, page, pageOf, withPages } from './page.ts'
import { good, type Parsed } from './parsed.ts'
import type { Places } from './places.ts'
import {
  duration,
  flag,
  group,
  numberBetween,
  setting,
  text,
  wrongType,
  type Setting,
} from './schema-parts.ts'
import { webConsole } from './schema/console.ts'
import { DEFAULTS } from './schema/defaults.ts'
import { history } from './schema/history.ts'
import { journal } from './schema/journal.ts'
import { audit, events } from './schema/records.ts'
import { repositories } from './schema/repositories.ts'
import { cache, upstream } from './schema/storage.ts'
import { log, metrics } from './schema/telemetry.ts'
import { parseStore, resolveFiles } from './store-url.ts'
import type { Variables } from './substitute.ts'
import { plainTls, tlsWith } from './tls.ts'
import type { Config, ListenAddress } from './types.ts'

const MOST_WORKERS = 256

/** The shape of the file; parsing gives the configuration. What needs two places of it to judge is in cross-checks.ts. */
export function createSchema(places: Places, variables: Variables = {}): z.ZodType<Config> {
  const file = group({
    ...gate(places),
    ...state(places),
    repositories: repositories(places, variables),
    edge: edge(places),
    offload: offload(places),
    upstream: upstream(),
    drain_timeout: duration('30s', 0, 'How long a stopping process waits for downloads under way.'),
    cache: cache(),
    page: page(places).meta({ description: 'What customers see in a browser, at the root of a repository.' }),
    metrics: metrics(),
    log: log(),
    audit: audit(),
    events: events(),
    history: history(),
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
    console: given.console,
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
    console: webConsole(),
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

function listen(places: Places, byDefault: string, description: string): Setting<ListenAddress> {
  const parse = (given: string): Parsed<ListenAddress> => {
    const parsed = parseListen(given)
    if (!parsed.ok || !('path' in parsed.value)) return parsed
    return good({ ...parsed.value, path: places.resolve(parsed.value.path) })
  }
  return setting(parse, byDefault, description)
}

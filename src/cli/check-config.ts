import type { Command } from 'commander'
import { formatListen } from '../config/listen.ts'
import { renderMistakes } from '../config/print.ts'
import type { Config, RepositoryConfig, StoreConfig, UpstreamConfig } from '../config/types.ts'
import { printJson } from './command-options.ts'
import type { CliContext } from './dependencies.ts'
import { EXIT } from './errors.ts'
import { renderFacts, renderTable, tableOptionsFor, type TableOptions } from './table.ts'

const FALLBACKS = ['postern.yaml', 'config/postern.yaml'] as const

/** The file that is meant when none is named: POSTERN_CONFIG, else postern.yaml, here or in config/. */
export function defaultConfigFile({ environment, fileExists }: CliContext): string {
  const [first, ...others] = FALLBACKS
  return environment.configFile ?? [first, ...others].find(fileExists) ?? first
}

/** `postern check-config`: all mistakes of a configuration file, or what it serves. */
export function addCheckConfigCommand(program: Command, context: CliContext): void {
  program
    .command('check-config')
    .description('Check a configuration file: print all its mistakes, or what it serves.')
    .argument('[file]', 'the file (default: POSTERN_CONFIG, else postern.yaml or config/postern.yaml)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code: 0 when the file is fine, 1 when it has mistakes.\n')
    .action((file: string | undefined, { json }: { readonly json?: true }) =>
      checkConfig(context, file ?? defaultConfigFile(context), json === true),
    )
}

async function checkConfig(context: CliContext, file: string, json: boolean): Promise<void> {
  const { stdout, stderr, loadConfig, setExitCode } = context
  const result = await loadConfig(file)
  if (!result.ok) {
    setExitCode(EXIT.refused)
    if (json) printJson(context, { ok: false, file, mistakes: result.mistakes })
    else stderr.write(`${renderMistakes(file, result.mistakes)}\n`)
    return
  }
  if (json) return printJson(context, { ok: true, file, ...summarise(result.config) })
  stdout.write(`${file} is fine.\n\n${renderSettings(result.config)}\n`)
  stdout.write(renderRepositories(result.config, tableOptionsFor(context)))
}

function renderSettings(config: Config): string {
  const hosts = Array.from(config.hosts, ([host, target]) => `${host} for ${target}`)
  const { trustedProxies, store } = config
  return renderFacts([
    ['customers', `${formatListen(config.listen)}, known to them as ${config.publicUrl}`],
    ['management', formatListen(config.admin.listen)],
    ['store', describeStore(store)],
    ['hosts', hosts.join('\n') || 'none of their own'],
    ['proxies', trustedProxies.join('\n') || 'none is trusted'],
  ])
}

function renderRepositories({ repositories }: Config, options: TableOptions): string {
  return renderTable(
    [...repositories],
    [
      { title: 'REPOSITORY', cell: ([name]) => name },
      { title: 'FORMAT', cell: ([, { format }]) => format },
      { title: 'ACCESS', cell: ([, repository]) => (repository.public ? 'public' : 'token') },
      {
        title: 'STORAGE',
        cell: ([, repository]) => storagesOf(repository).join(', else '),
        isFlexible: true,
      },
    ],
    options,
  )
}

function storagesOf({ upstream, mirrors }: RepositoryConfig): readonly string[] {
  return [upstream, ...mirrors].map(storageOf)
}

function storageOf(upstream: UpstreamConfig): string {
  if (upstream.kind === 's3') return `s3://${upstream.bucket}/${upstream.prefix} at ${upstream.endpoint}`
  return upstream.kind === 'http' ? upstream.url : upstream.directory
}

/** Without the password. */
function describeStore(store: StoreConfig): string {
  if (store.kind === 'sqlite') {
    return `sqlite ${store.file}${store.synchronous === 'full' ? ' (synchronous=full)' : ''}`
  }
  const { topology, nodes, masterName, tls } = store
  const kind = topology === 'single' ? 'redis' : `redis ${topology}`
  const servers = `${kind} ${nodes.map(formatListen).join(', ')}`
  return `${servers}${masterName === null ? '' : ` (master ${masterName})`}${tls === null ? '' : ' (TLS)'}`
}

function summariseStore(store: StoreConfig): Record<string, unknown> {
  if (store.kind === 'sqlite') return { ...store }
  const { kind, topology, nodes, masterName, db, prefix, replicas } = store
  const servers = nodes.map(formatListen)
  return { kind, topology, servers, master: masterName, db, prefix, replicas, tls: store.tls !== null }
}

function summariseStorages(repository: RepositoryConfig): Record<string, unknown> {
  const [upstream, ...mirrors] = storagesOf(repository)
  return mirrors.length === 0 ? { upstream } : { upstream, mirrors }
}

function summarise(config: Config): Record<string, unknown> {
  return {
    listen: formatListen(config.listen),
    public_url: config.publicUrl,
    admin: { listen: formatListen(config.admin.listen) },
    store: summariseStore(config.store),
    trusted_proxies: config.trustedProxies,
    hosts: Object.fromEntries(config.hosts),
    repositories: Object.fromEntries(
      Array.from(config.repositories, ([name, repository]) => [
        name,
        { format: repository.format, public: repository.public, ...summariseStorages(repository) },
      ]),
    ),
  }
}

import { randomInt } from 'node:crypto'
import { ulid } from 'ulid'
import { countWorkers, startApp, type App } from '../app.ts'
import { formatListen } from '../config/listen.ts'
import type { Environment } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import { renderMistakes } from '../config/print.ts'
import type { Config, ListenAddress, TlsConfig } from '../config/types.ts'
import { createLog, type Log } from '../telemetry/log.ts'
import { ensureDemoKey, ensureDemoToken, renderWelcome } from './demo.ts'
import { frozenParts } from './frozen-parts.ts'
import { createDescriptorOf } from './inherited.ts'
import { createServiceManager } from './service-manager.ts'
import { endingSignal } from './signals.ts'

export interface ServeOptions {
  readonly config: string
  /** Make a token and print commands to paste. */
  readonly demo: boolean
}

export interface ServeSurroundings {
  readonly environment: Environment
  readonly version: string
  /** The path of main, to start worker processes with. */
  readonly main: string
  /** Lines for a person; the log goes to standard output. */
  readonly say: (text: string) => void
}

/** Runs Postern until a signal ends it. Resolves to the exit code. SIGHUP reads the file again. */
export async function serve(
  { config: file, demo }: ServeOptions,
  surroundings: ServeSurroundings,
): Promise<number> {
  const { environment, version, say } = surroundings
  const loaded = loadConfig(file, environment.variables)
  if (!loaded.ok) {
    say(renderMistakes(file, loaded.mistakes))
    return 1
  }
  const { config } = loaded
  const workers = countWorkers(config)
  const log = createLog({ ...config.log, isShared: workers > 1 })
  const app = await start(config, surroundings, log).catch((error: unknown) => {
    say(`Postern can't start. ${explainFailure(error)}`)
    return undefined
  })
  if (app === undefined) return 1
  const adminUrl = urlOf(app.admin, config.admin.tls)
  const { size } = config.repositories
  say(
    `Postern ${version}: ${size} ${size === 1 ? 'repository' : 'repositories'} at ${urlOf(app.gate, config.tls)}, management at ${adminUrl}, console at ${adminUrl}/console/` +
      (workers > 1 ? `, ${workers} workers` : ''),
  )
  if (demo) await welcome(app, config, environment.adminKey, say)
  else if (app.newAdminKey !== undefined)
    say(`Key of the management API, shown this once: ${app.newAdminKey}`)
  const manager = createServiceManager(environment)
  manager.ready()
  const stopReloading = reloadOnHangUp(app, config, environment, log)
  const failure = await Promise.race([endingSignal(app.abandon), app.failed])
  stopReloading()
  manager.stopping()
  if (failure === undefined) log.info('Stopping: downloads under way are finished first')
  else log.error('No worker can be kept running', failure)
  await app.close()
  await log.flush()
  return failure === undefined ? 0 : 1
}

function start(config: Config, surroundings: ServeSurroundings, log: Log): Promise<App> {
  const { environment, version, main } = surroundings
  const program = {
    main,
    environment: environmentOfWorkers(environment),
    descriptorOf: createDescriptorOf(environment.inherited, process.pid),
  }
  return startApp({ config, log, version, adminKey: environment.adminKey, program })
}

/** Workers are told what they need: keys for people and command line stay where they are. */
function environmentOfWorkers({ variables }: Environment): Environment['variables'] {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith('POSTERN_')))
}

async function welcome(
  app: App,
  config: Config,
  given: string | undefined,
  say: (text: string) => void,
): Promise<void> {
  const options = { clock: Date.now, newId: ulid, randomInt }
  const secret = await ensureDemoToken(app, options)
  const adminKey = given === undefined ? (app.newAdminKey ?? (await ensureDemoKey(app, options))) : undefined
  say(
    renderWelcome({
      secret,
      gateUrl: config.isPublicUrlGuessed ? urlOf(app.gate, config.tls) : config.publicUrl,
      adminUrl: urlOf(app.admin, config.admin.tls),
      adminKey,
    }),
  )
}

/** A wrong file changes nothing: what was served goes on being served. */
function reloadOnHangUp(app: App, first: Config, { variables }: Environment, log: Log): () => void {
  const reload = (): void => {
    const loaded = loadConfig(first.file, variables)
    if (!loaded.ok) {
      log.error(
        'The configuration was not reloaded; the old one stays',
        renderMistakes(first.file, loaded.mistakes),
      )
      return
    }
    const frozen = frozenParts(first, loaded.config)
    if (frozen.length > 0) log.warn('Some changes need a restart', { keys: frozen.join(', ') })
    const repositories = loaded.config.repositories.size
    void app.reload(loaded.config).then(
      () => log.info('The configuration was reloaded', { repositories }),
      (error: unknown) => log.error('The configuration was not reloaded', error),
    )
  }
  process.on('SIGHUP', reload)
  return () => void process.off('SIGHUP', reload)
}

function urlOf(address: ListenAddress, tls: TlsConfig | null): string {
  if (!('port' in address)) return formatListen(address)
  const isAll = address.host === '' || address.host === '0.0.0.0' || address.host === '::'
  return `${tls === null ? 'http' : 'https'}://${formatListen(isAll ? { ...address, host: '127.0.0.1' } : address)}`
}

function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return `${error.message}: another program listens there; choose another port.`
  if (code === 'ENOTSUP')
    return `${error.message}: this system can't share a port among workers; set workers: 1.`
  if (code === 'EACCES') return `${error.message}: this user may not do that.`
  return error.message
}

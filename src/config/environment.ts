import type { Variables } from './substitute.ts'

/** What Postern takes from the environment of the process. An empty variable is as good as none. */
export interface Environment {
  /** POSTERN_CONFIG: the configuration file. */
  readonly configFile: string | undefined
  /** POSTERN_ADMIN_KEY: key of the management API. Secret. */
  readonly adminKey: string | undefined
  /** POSTERN_API: URL of the management API, for the command line. */
  readonly apiUrl: string | undefined
  /** POSTERN_API_KEY: the key that the command line sends. Secret. */
  readonly apiKey: string | undefined
  /** Sockets that systemd passes. */
  readonly inherited: Inherited
  /** NOTIFY_SOCKET: where systemd wants to hear how this process is. */
  readonly notifySocket: string | undefined
  /** WATCHDOG_USEC: it wants to hear that often, or ends this process. undefined: never. */
  readonly watchdogMs: number | undefined
  /** Everything, for `${NAME}` in the configuration file. */
  readonly variables: Variables
}

/** LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES (sd_listen_fds(3)). */
export interface Inherited {
  /** The process that they are for. */
  readonly pid: number
  readonly count: number
  readonly names: readonly string[]
}

/** The only place that reads the environment. */
export function readEnvironment(variables: Variables = process.env): Environment {
  return {
    configFile: variables['POSTERN_CONFIG'] || undefined,
    adminKey: variables['POSTERN_ADMIN_KEY'] || undefined,
    apiUrl: variables['POSTERN_API'] || undefined,
    apiKey: variables['POSTERN_API_KEY'] || undefined,
    inherited: {
      pid: wholeNumber(variables['LISTEN_PID']),
      count: wholeNumber(variables['LISTEN_FDS']),
      names: variables['LISTEN_FDNAMES']?.split(':') ?? [],
    },
    notifySocket: variables['NOTIFY_SOCKET'] || undefined,
    watchdogMs: wholeNumber(variables['WATCHDOG_USEC']) / 1000 || undefined,
    variables: { ...variables },
  }
}

/** 0 for what is none. */
function wholeNumber(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0
}

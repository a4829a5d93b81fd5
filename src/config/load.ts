import { readFileSync } from 'node:fs'
import { parseConfig, type LoadResult } from './parse.ts'
import { bad, good, type Parsed } from './parsed.ts'
import { createPlaces } from './places.ts'
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

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder; name the file in it',
  EACCES: 'this user may not read it',
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

/** Reads a configuration file. Never throws: a file that can't be read is a mistake as well. */
export function loadConfig(file: string, variables: Variables): LoadResult {
  const text = readText(file)
  if (text.ok) return parseConfig(text.value, createPlaces(file), variables)
  return { ok: false, mistakes: [{ path: '', message: text.why, line: 0, column: 0 }] }
}

function readText(file: string): Parsed<string> {
  try {
    return good(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)))
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      return bad("the file can't be read: it is not UTF-8 text")
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    return bad(`the file can't be read: ${REASONS[code] ?? code}`)
  }
}

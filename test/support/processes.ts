import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** How long a condition is waited for when the caller does not say. */
const DEFAULT_TIMEOUT_MS = 30_000
const POLL_MS = 15
/** How long a server may take to start when the caller does not say: several start at once, on a machine that is busy with other tests. */
const START_TIMEOUT_MS = 120_000
/** How long a command may take when the caller does not say. */
const RUN_TIMEOUT_MS = 120_000
/** How long a server may take to end whose end is what a test looks at, on a machine that is busy with other tests. */
const STOP_GRACE_MS = 25_000
/** And one that nobody looks at any more. */
const DISPOSE_GRACE_MS = 5_000
/** Below the range that the kernel gives to outgoing connections, so that none of them takes a port between choice and use. */
const FIRST_PORT = 20_000
const LAST_PORT = 32_000
/** Test files that run at the same time choose from parts of their own, so that none takes a port that another is about to use. */
const PARTS = 8
const PART_PORTS = (LAST_PORT - FIRST_PORT) / PARTS
const PART = Number(process.env['VITEST_POOL_ID'] ?? 0) % PARTS
/** Ports that this process was given lately. */
const chosen = new Set<number>()

/**
 * Polls `condition` until it gives a truthy value, and resolves to it. Rejects after `timeoutMs` with `what` and the last
 * error that the condition threw; an error in between counts as "not yet".
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = DEFAULT_TIMEOUT_MS, what = 'a condition' }: { timeoutMs?: number; what?: string } = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs
  let cause: unknown
  do {
    try {
      const value = await condition()
      if (value) return value
      cause = undefined
    } catch (error) {
      cause = error
    }
    await pause(POLL_MS)
  } while (performance.now() < deadline)
  throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`, { cause })
}

/** A loopback port that nothing listens on at the moment. Whoever binds it must be ready to lose a race: see `startOnFreePort`. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + PART * PART_PORTS + randomInt(PART_PORTS)
    if (chosen.has(port) || !(await canListen(port))) continue
    if (chosen.size > PART_PORTS / 2) chosen.clear()
    chosen.add(port)
    return port
  }
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

/** True when something on the loopback address accepts connections at `port`. */
export async function acceptsConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A folder that goes away with everything in it. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string
  readonly remove: () => Promise<void>
}

/** Makes a private folder. Its path is short: Unix sockets inside it (gpg-agent) may have 107 bytes. */
export async function temporaryDirectory(label = 'test'): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), `postern-${label}-`))
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 5 })
  return { path, remove, [Symbol.asyncDispose]: remove }
}

/** Where processes on Node keep what they compiled: servers that run from the source start twice as fast. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/postern-tests', import.meta.url))

/** Environment without anything of the caller's: proxies, npm's own variables, configuration files. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  // Debian keeps servers and parts of dpkg where a normal user's PATH does not look.
  const path = `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`
  return { PATH: path, LC_ALL: 'C.UTF-8', TZ: 'UTC', NODE_COMPILE_CACHE: COMPILED, ...extra }
}

interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

/** How a command ended. */
export interface Finished {
  /** -1 when a signal ended it. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Both streams, in the order in which they arrived: what a person at a terminal reads. */
  readonly output: string
}

/** Runs a command to its end, in a clean environment unless `env` is given. Rejects only if it can't be started or takes too long. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const { cwd, env = cleanEnvironment(), timeoutMs = RUN_TIMEOUT_MS } = options
  const child = spawn(command, args, { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const text = collectOutput(child)
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    if (child.signalCode === 'SIGKILL')
      throw new Error(`${command} was killed after ${timeoutMs} ms\n${text.all}`)
    return { code: code ?? -1, stdout: text.stdout, stderr: text.stderr, output: text.all }
  } finally {
    clearTimeout(timer)
  }
}

/** Runs a command that has to succeed and gives its standard output. Rejects with everything it printed. */
export async function runOrFail(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, output } = await run(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`)
  return stdout
}

interface Collected {
  stdout: string
  stderr: string
  all: string
}

function collectOutput(child: ChildProcess): Collected {
  const text: Collected = { stdout: '', stderr: '', all: '' }
  const collect = (name: 'stdout' | 'stderr'): void => {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
      text.all += chunk
    })
  }
  collect('stdout')
  collect('stderr')
  return text
}

/** A server that a test started. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number
  /** Everything printed so far, both streams. */
  readonly output: () => string
  /** False once the process has ended, by itself or by `stop`. */
  readonly isRunning: () => boolean
  /**
   * SIGTERM, and SIGKILL when that takes too long; resolves when the process is gone. Safe to call twice. Gives the exit code, -1 after a
   * signal. Disposal has less patience.
   */
  readonly stop: (signal?: NodeJS.Signals, graceMs?: number) => Promise<number>
}

interface ServerOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** True when the server can be used. An error counts as "not yet". */
  readonly isReady: (output: () => string) => boolean | Promise<boolean>
  readonly timeoutMs?: number
}

/**
 * Starts a server and resolves when it is ready. Rejects with its output when it ends before, or is not ready in time.
 * A server that nobody stopped dies with the test process.
 */
export async function startServer(
  command: string,
  args: readonly string[],
  { cwd, env = cleanEnvironment(), isReady, timeoutMs = START_TIMEOUT_MS }: ServerOptions,
): Promise<ServerProcess> {
  const child = spawn(command, args, { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const server = supervise(child)
  const isUp = async (): Promise<boolean> => !server.isRunning() || (await isReady(server.output))
  try {
    await waitFor(isUp, { timeoutMs, what: `${command} to be ready` })
    if (!server.isRunning()) throw new Error(`${command} ended before it was ready`)
    return server
  } catch (cause) {
    await server[Symbol.asyncDispose]()
    throw new ServerFailure(command, server.output(), cause)
  }
}

/** A server that did not come up; `output` is what it printed. */
class ServerFailure extends Error {
  readonly output: string
  constructor(command: string, output: string, cause: unknown) {
    super(`${command} did not start: ${String(cause)}\n${output}`, { cause })
    this.name = 'ServerFailure'
    this.output = output
  }
}

function supervise(child: ChildProcess): ServerProcess {
  const text = collectOutput(child)
  let running = true
  const killNow = (): void => void child.kill('SIGKILL')
  process.once('exit', killNow)
  const ended = new Promise<number>((resolve) => {
    const end = (code: number | null): void => {
      running = false
      process.off('exit', killNow)
      resolve(code ?? -1)
    }
    child.once('close', end)
    child.once('error', (error) => {
      text.all += String(error)
      end(null)
    })
  })
  const stop = async (signal: NodeJS.Signals = 'SIGTERM', graceMs = STOP_GRACE_MS): Promise<number> => {
    if (running) child.kill(signal)
    const timer = setTimeout(killNow, graceMs)
    try {
      return await ended
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    pid: child.pid ?? -1,
    output: () => text.all,
    isRunning: () => running,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop('SIGTERM', DISPOSE_GRACE_MS)),
  }
}

/** Starts a server on a free port; when somebody else took that port in between, once more on another. */
export async function startOnFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort())
    } catch (error) {
      const isTaken =
        error instanceof ServerFailure && /EADDRINUSE|address already in use/i.test(error.output)
      if (!isTaken || attempt === 3) throw error
    }
  }
}

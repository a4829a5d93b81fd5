import { spawn } from 'node:child_process'
import type { Environment } from '../config/environment.ts'

/** What systemd is told of this process (sd_notify(3)), where it wants to know. */
export interface ServiceManager {
  readonly ready: () => void
  readonly stopping: () => void
}

/**
 * Tells by way of `systemd-notify`, because Node knows no datagrams over Unix sockets: the unit needs `NotifyAccess=all`. While this process
 * is ready, the watchdog hears of it as often as it wants to: of one that hangs it does not.
 */
export function createServiceManager({
  notifySocket,
  watchdogMs,
  variables,
}: Pick<Environment, 'notifySocket' | 'watchdogMs' | 'variables'>): ServiceManager {
  let watchdog: NodeJS.Timeout | undefined
  const tell = (...words: string[]): void => {
    if (notifySocket === undefined) return
    const env = { PATH: variables['PATH'], NOTIFY_SOCKET: notifySocket }
    const child = spawn('systemd-notify', [`--pid=${process.pid}`, ...words], { env, stdio: 'ignore' })
    // Where it can't be told, systemd finds that nothing came.
    child.on('error', () => undefined)
    child.unref()
  }
  return {
    ready: () => {
      tell('--ready')
      if (watchdogMs !== undefined) watchdog = setInterval(() => tell('WATCHDOG=1'), watchdogMs / 2).unref()
    },
    stopping: () => {
      clearInterval(watchdog)
      tell('STOPPING=1')
    },
  }
}

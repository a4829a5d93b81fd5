import type { Assignment } from '../../src/app/messages.ts'
import type { ListenAddress } from '../../src/config/types.ts'
import { WorkerFailure, type WorkerProcess } from '../../src/app/worker-process.ts'
import { createLog, type Log } from '../../src/telemetry/log.ts'

/** A worker that does what the test says. */
export interface ActedWorker extends WorkerProcess {
  readonly assignment: Assignment
  readonly heard: readonly string[]
  /** From now on this is what it says to every question. Before, it does not answer. */
  readonly answer: (answered: number) => void
  readonly serve: (port?: number) => void
  /** Says why it can't serve, and ends. */
  readonly fail: (code: string) => void
  readonly die: (how?: string) => void
}

export function actWorker(assignment: Assignment): ActedWorker {
  const serving = Promise.withResolvers<{ host: string; port: number }>()
  const ended = Promise.withResolvers<string>()
  const heard: string[] = []
  let answered: number | undefined
  serving.promise.catch(() => undefined)
  const die = (how = 'signal SIGKILL'): void => {
    serving.reject(new WorkerFailure('ended', false))
    ended.resolve(how)
  }
  const ask = async (what: string): Promise<number | undefined> => {
    heard.push(what)
    return answered
  }
  return {
    assignment,
    slot: assignment.slot,
    pid: 1,
    serving: serving.promise,
    ended: ended.promise,
    heard,
    ask: ask as WorkerProcess['ask'],
    answer: (given) => {
      answered = given
    },
    drain: () => void heard.push('drain'),
    kill: () => {
      heard.push('kill')
      die()
    },
    serve: (port = portOf(assignment.config.listen)) => serving.resolve({ host: '127.0.0.1', port }),
    fail: (code) => {
      serving.reject(new WorkerFailure(`failed with ${code}`, true, code))
      ended.resolve('exit code 1')
    },
    die,
  }
}

/** A log that is read by nobody. */
export const quiet: Log = createLog({ level: 'silent' })

/** Waits by the clock of the test. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, ms)
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
  })
}

/** Of an address that is TCP. */
export function portOf(listen: ListenAddress): number {
  if (!('port' in listen)) throw new Error('The address has no port')
  return listen.port
}

import { fork, type ChildProcess } from 'node:child_process'
import type { ListenAddress } from '../config/types.ts'
import type { Assignment, Order, Question, Questions, Report } from './messages.ts'

/** How to start this program once more. */
export interface WorkerProgram {
  /** Path of main. */
  readonly main: string
  /** Environment of the workers. Whatever a worker need not know is not in it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Finds the descriptor of a socket that systemd passed to this process. @throws Error */
  readonly descriptorOf: (name: string) => number
}

/** Where a worker finds the listening socket that it was given, if it was given one: behind its channel to the primary. */
export const INHERITED_DESCRIPTOR = 4

/** The argument by which main knows that it is to be a worker. */
export const WORKER_ARGUMENT = 'worker'

/** A worker, as the primary sees it. */
export interface WorkerProcess {
  readonly slot: number
  readonly pid: number | undefined
  /** Resolves to where it serves; rejects with a `WorkerFailure` when it says why it can't, or ends before. */
  readonly serving: Promise<ListenAddress>
  /** Resolves when the process is gone, to how it went. */
  readonly ended: Promise<string>
  /** Resolves to undefined when the worker ends, or does not answer within `timeoutMs`; what it says then is not listened to. */
  readonly ask: <What extends keyof Questions>(
    what: What,
    asked: Questions[What]['asked'],
    timeoutMs: number,
  ) => Promise<Questions[What]['answered'] | undefined>
  readonly drain: () => void
  /** At once, as `kill -9` does. */
  readonly kill: () => void
}

/** Time in which a worker has to serve: what hangs at its start is of no use. */
const START_MS = 30_000

/** Why a worker does not serve. */
export class WorkerFailure extends Error {
  /** Of the error in the worker; undefined when it ended without a word. */
  readonly code: string | undefined
  readonly isExplained: boolean
  constructor(message: string, isExplained: boolean, code?: string) {
    super(message)
    this.name = 'WorkerFailure'
    this.isExplained = isExplained
    this.code = code
  }
}

/** Starts a worker. Never throws: a process that can't be made is one that ended. */
export function startWorker(
  { main, environment, descriptorOf }: WorkerProgram,
  assignment: Assignment,
): WorkerProcess {
  const { listen } = assignment.config
  const inherited = 'inherited' in listen ? [descriptorOf(listen.inherited)] : []
  const child = fork(main, [WORKER_ARGUMENT, String(assignment.slot)], {
    env: environment,
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...inherited],
  })
  const send = (order: Order): void => {
    // Whether it arrives shows in what the worker does; a channel that breaks meanwhile is the end of the worker.
    if (child.connected) child.send(order, () => undefined)
  }
  const questions = createQuestions(send)
  const serving = Promise.withResolvers<ListenAddress>()
  const hanging = setTimeout(() => child.kill('SIGKILL'), START_MS)
  // Whoever waits for it gets the rejection all the same.
  void serving.promise.catch(() => undefined).finally(() => clearTimeout(hanging))
  child.on('message', (message) => {
    const report = message as Report
    if (report.kind === 'serving') serving.resolve(report.address)
    else if (report.kind === 'failed') {
      serving.reject(new WorkerFailure(report.message, true, report.code))
    } else if (report.kind === 'answer') questions.settle(report.id, report.answered)
  })
  const ended = endOf(child).then((how) => {
    questions.giveUp()
    serving.reject(new WorkerFailure(`A worker process ended before it served: ${how}`, false))
    return how
  })
  send({ kind: 'start', assignment })
  return {
    slot: assignment.slot,
    pid: child.pid,
    serving: serving.promise,
    ended,
    ask: questions.ask,
    drain: () => send({ kind: 'drain' }),
    kill: () => void child.kill('SIGKILL'),
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(error.message)
    })
  })
}

interface OpenQuestions {
  readonly ask: WorkerProcess['ask']
  readonly settle: (id: number, answered: unknown) => void
  /** Nobody will answer any more. */
  readonly giveUp: () => void
}

function createQuestions(send: (order: Order) => void): OpenQuestions {
  const open = new Map<number, (answered: unknown) => void>()
  let last = 0
  let isOver = false

  const settle = (id: number, answered: unknown): void => {
    open.get(id)?.(answered)
    open.delete(id)
  }
  const ask = (what: string, asked: unknown, timeoutMs: number): Promise<unknown> => {
    if (isOver) return Promise.resolve(undefined)
    const id = ++last
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const timer = setTimeout(() => settle(id, undefined), timeoutMs)
    open.set(id, (answered) => {
      clearTimeout(timer)
      resolve(answered)
    })
    send({ kind: 'ask', id, question: { what, asked } as Question })
    return promise
  }
  const giveUp = (): void => {
    isOver = true
    for (const id of open.keys()) settle(id, undefined)
  }
  return { ask: ask as WorkerProcess['ask'], settle, giveUp }
}

#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { WORKER_ARGUMENT } from './app/worker-process.ts'
import { runCli } from './cli.ts'
import type { Copies, Screen } from './cli/dependencies.ts'
import { readEnvironment } from './config/environment.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
}

/**
 * Bodies pass through in buffers outside V8's heap. By default each few dozen megabytes of them start a full collection: nearly a
 * third of the CPU of large downloads. Node 24 and 26 know the flag.
 */
setFlagsFromString('--external-memory-accounted-in-global-limit')
/** On a large machine V8 lets garbage grow to several times what is in use before it looks. Most requests leave nothing that lasts. */
setFlagsFromString('--heap-growing-percent=25')

/** Whoever reads along may stop at any time: `postern tokens list | head`. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

const environment = readEnvironment()

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await terminal.question(question)
  } finally {
    terminal.close()
  }
}

/** A second Ctrl-C ends the process at once. */
function untilEnded(): AbortSignal {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
  process.stdout.once('error', end)
  return ending.signal
}

function screenOf(stream: NodeJS.WriteStream): Screen {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY,
    columns: stream.isTTY ? stream.columns : undefined,
  }
}

/** Only those commands read the servers' code that need it: it takes longer than all that most of them do. */
async function copies(): Promise<Copies> {
  return (await import('./app/copies.ts')).createCopies(version)
}

// Started by a primary, not by a person.
if (process.argv[2] === WORKER_ARGUMENT && process.connected) {
  const { runWorker } = await import('./app/worker.ts')
  process.exit(await runWorker(version))
}

process.exitCode = await runCli(process.argv.slice(2), {
  version,
  environment,
  serve: async (options) => {
    const { serve } = await import('./app/serve.ts')
    return serve(options, {
      environment,
      version,
      main: fileURLToPath(import.meta.url),
      say: (text) => void process.stderr.write(`${text}\n`),
    })
  },
  loadConfig: async (file) => {
    const { loadConfig } = await import('./config/load.ts')
    return loadConfig(file, environment.variables)
  },
  fileExists: existsSync,
  copies: {
    backUp: async (order) => (await copies()).backUp(order),
    verify: async (order) => (await copies()).verify(order),
    restore: async (order) => (await copies()).restore(order),
  },
  fetch,
  stdout: screenOf(process.stdout),
  stderr: screenOf(process.stderr),
  ask: process.stdin.isTTY ? ask : undefined,
  clock: Date.now,
  untilEnded,
})

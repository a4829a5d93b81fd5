#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { serve } from './app/serve.ts'
import { runCli } from './cli.ts'
import { loadConfig, readEnvironment } from './config/load.ts'
import type { Screen } from './cli/dependencies.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
}

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

function screenOf(stream: NodeJS.WriteStream): Screen {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY,
    columns: stream.isTTY ? stream.columns : undefined,
  }
}

process.exitCode = await runCli(process.argv.slice(2), {
  version,
  environment,
  serve: (options) =>
    serve(options, { environment, version, say: (text) => void process.stderr.write(`${text}\n`) }),
  loadConfig: (file) => loadConfig(file, environment.variables),
  fileExists: existsSync,
  fetch,
  stdout: screenOf(process.stdout),
  stderr: screenOf(process.stderr),
  ask: process.stdin.isTTY ? ask : undefined,
  clock: Date.now,
})

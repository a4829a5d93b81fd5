import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Option, type Command } from 'commander'
import { formatBytes } from './bytes.ts'
import {
  addApiOptions,
  connectStream,
  parseRepository,
  type ApiCommandOptions,
  type Repository,
} from './command-options.ts'
import type { CliContext, Screen } from './dependencies.ts'
import { refused } from './errors.ts'
import { noSuchHome } from './find-token.ts'
import { addFilterOptions, filterOf, type LogFilter } from './usage-lists.ts'
import type { PeriodOptions } from './usage-period.ts'

interface ExportOptions extends ApiCommandOptions, PeriodOptions, LogFilter {
  readonly format: 'jsonl' | 'csv'
  readonly output?: string
}

/** The whole log, or a part of it, into a file or on. */
export function addExportCommand(usage: Command, context: CliContext): void {
  const command = usage
    .command('export')
    .description('Write the log of downloads as JSON lines or CSV, oldest first.')
    .argument('<owner/repo>', 'the repository', parseRepository)
    .addOption(new Option('--format <name>', 'how it is written').choices(['jsonl', 'csv']).default('jsonl'))
    .option('--output <file>', 'a new file (default: standard output)')
  addApiOptions(addFilterOptions(command)).action((repository: Repository, options: ExportOptions) =>
    exportLog(context, repository, options),
  )
}

async function exportLog(context: CliContext, repository: Repository, options: ExportOptions): Promise<void> {
  const { owner, repo } = repository
  const { format, output } = options
  const source = await connectStream(
    context,
    options,
  )({
    path: ['downloads', owner, repo],
    query: { format, ...filterOf(options) },
    notFound: noSuchHome(repository),
  })
  const progress = createProgress(context)
  if (output === undefined) await print(context.stdout, source, progress.note)
  else await save(output, source, progress.note)
  progress.end(format === 'csv' ? 1 : 0)
}

async function print(
  { write }: Screen,
  source: AsyncIterable<Uint8Array>,
  note: (part: Uint8Array) => void,
): Promise<void> {
  const decoder = new TextDecoder()
  for await (const part of source) {
    write(decoder.decode(part, { stream: true }))
    note(part)
  }
}

/** Never over what is there. Only its owner can read what names customers and their addresses. */
async function save(
  file: string,
  source: AsyncIterable<Uint8Array>,
  note: (part: Uint8Array) => void,
): Promise<void> {
  async function* noted(): AsyncGenerator<Uint8Array> {
    for await (const part of source) {
      note(part)
      yield part
    }
  }
  try {
    await pipeline(noted(), createWriteStream(file, { flags: 'wx', mode: 0o600 }))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') throw refused(`${file} is there already; give another name to --output.`)
    if (typeof code === 'string') throw refused(`${file} can't be written (${code}).`)
    throw error
  }
}

const REDRAWN_MS = 100
const LINE_BREAK = 10

/** A line on the terminal that says how far it is; without a terminal, only the end is told. */
function createProgress({ stderr, clock }: CliContext) {
  let [bytes, lines, drawnAt] = [0, 0, -Infinity]
  const words = (records: number): string => `${records} downloads, ${formatBytes(bytes)}`
  return {
    note: (part: Uint8Array): void => {
      bytes += part.length
      for (const byte of part) lines += Number(byte === LINE_BREAK)
      if (!stderr.isTerminal || clock() - drawnAt < REDRAWN_MS) return
      drawnAt = clock()
      stderr.write(`\r${words(lines)} ...`)
    },
    end: (headLines: number): void => {
      const start = stderr.isTerminal ? '\r\u001B[K' : ''
      stderr.write(`${start}${words(Math.max(0, lines - headLines))}\n`)
    },
  }
}

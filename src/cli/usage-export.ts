import { Option, type Command } from 'commander'
import {
  addApiOptions,
  connectStream,
  parseRepository,
  type ApiCommandOptions,
  type Repository,
} from './command-options.ts'
import type { CliContext } from './dependencies.ts'
import { noSuchHome } from './find-token.ts'
import { createByteProgress, printStream, saveStream } from './streams.ts'
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
  const progress = createByteProgress(context, 'download')
  if (output === undefined) await printStream(context.stdout, source, progress.note)
  else await saveStream(output, source, progress.note)
  progress.end(format === 'csv' ? 1 : 0)
}

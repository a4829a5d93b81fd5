import { Option, type Command } from 'commander'
import {
  addApiOptions,
  connectStream,
  parseHome,
  type ApiCommandOptions,
  type Home,
} from './command-options.ts'
import type { CliContext } from './dependencies.ts'
import { listPath, noSuchHome } from './find-token.ts'
import { createByteProgress, printStream, saveStream } from './streams.ts'

interface ExportOptions extends ApiCommandOptions {
  readonly format: 'jsonl' | 'csv'
  readonly output?: string
  readonly showTokens?: true
}

/** `postern tokens export`: all tokens of a repository, as `tokens bulk` reads them. */
export function addTokenExportCommand(tokens: Command, context: CliContext): void {
  const command = tokens
    .command('export')
    .description(
      'Write the tokens of a repository as JSON lines or CSV, by name, as "tokens bulk" reads them.',
    )
    .argument('<owner[/repo]>', 'the repository, or the owner of tokens for all of them', parseHome)
    .addOption(
      new Option('--format <name>', 'how they are written').choices(['jsonl', 'csv']).default('jsonl'),
    )
    .option('--output <file>', 'a new file, which only you can read (default: standard output)')
    .option('--show-tokens', 'with their secrets, if your key may see them')
  addApiOptions(command).action((repository: Home, options: ExportOptions) =>
    exportTokens(context, repository, options),
  )
}

async function exportTokens(context: CliContext, repository: Home, options: ExportOptions): Promise<void> {
  const { format, output, showTokens } = options
  const source = await connectStream(
    context,
    options,
  )({
    path: [...listPath(repository), 'export'],
    query: { format, ...(showTokens ? { show_tokens: true } : {}) },
    notFound: noSuchHome(repository),
  })
  const progress = createByteProgress(context, 'token')
  if (output === undefined) await printStream(context.stdout, source, progress.note)
  else await saveStream(output, source, progress.note)
  progress.end(format === 'csv' ? 1 : 0)
}

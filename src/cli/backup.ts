import type { Command } from 'commander'
import { renderMistakes } from '../config/print.ts'
import type { Config } from '../config/types.ts'
import { defaultConfigFile } from './check-config.ts'
import { concludeCopy, createProgress } from './copy-view.ts'
import type { CliContext } from './dependencies.ts'
import { refused } from './errors.ts'

export const CONFIG_OPTION: readonly [flags: string, description: string] = [
  '--config <file>',
  'the configuration (default: POSTERN_CONFIG, else postern.yaml or config/postern.yaml)',
]

interface BackupOptions {
  readonly config?: string
  readonly verify?: true
  readonly json?: true
}

const HELP = `
Works on the store itself: Postern may run or not. The file holds digests and
sealed secrets, and is readable by its owner only; the server key is not in
it, and without that key it is worth nothing. docs/backup.md says what is in
it.

Exit codes: 0 done, 1 refused (a file that is damaged, newer, or of another
key), 2 the store or a file can't be opened.

Examples:
  postern backup /var/backups/postern.jsonl.gz
  postern backup - | ssh backup.example 'cat > postern.jsonl.gz'
  postern backup --verify /var/backups/postern.jsonl.gz
`

/** `postern backup`: all that is in the store as one file, while Postern runs. */
export function addBackupCommand(program: Command, context: CliContext): void {
  program
    .command('backup')
    .description('Write all that is in the store to a file, or check such a file.')
    .argument('<file>', 'the file; "-" is standard output (with --verify: input)')
    .option(...CONFIG_OPTION)
    .option('--verify', 'write nothing: check whether the file is whole, and of this server key')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action((file: string, options: BackupOptions) =>
      options.verify === true ? verify(context, file, options) : backUp(context, file, options),
    )
}

async function backUp(context: CliContext, file: string, options: BackupOptions): Promise<void> {
  const { clock, stderr, stdout } = context
  const json = options.json === true
  if (json && file === '-') throw refused('With "-" the backup goes to standard output: leave --json out.')
  if (file === '-' && stdout.isTerminal) throw refused('A backup is no text for a terminal: name a file.')
  const config = await configOf(context, options.config)
  const begunAt = clock()
  const progress = createProgress(stderr, clock)
  const outcome = await context.copies.backUp({ config, file, onProgress: progress.show })
  progress.end()
  const name = file === '-' ? 'standard output' : file
  concludeCopy(context, outcome, { json, begunAt, done: `The backup is in ${name}.` })
}

async function verify(context: CliContext, file: string, options: BackupOptions): Promise<void> {
  const { clock, stderr, fileExists } = context
  const isConfigured = options.config !== undefined || fileExists(defaultConfigFile(context))
  const config = isConfigured ? await configOf(context, options.config) : undefined
  const begunAt = clock()
  const progress = createProgress(stderr, clock)
  const outcome = await context.copies.verify({ config, file, onProgress: progress.show })
  progress.end()
  concludeCopy(context, outcome, { json: options.json === true, begunAt, done: 'The backup is whole.' })
}

/** The configuration that is meant. @throws CliError with all its mistakes. */
export async function configOf(context: CliContext, given: string | undefined): Promise<Config> {
  const file = given ?? defaultConfigFile(context)
  const loaded = await context.loadConfig(file)
  if (!loaded.ok) throw refused(renderMistakes(file, loaded.mistakes))
  return loaded.config
}

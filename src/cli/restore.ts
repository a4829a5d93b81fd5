import type { Command } from 'commander'
import { CONFIG_OPTION, configOf } from './backup.ts'
import { confirm } from './confirm.ts'
import { concludeCopy, createProgress } from './copy-view.ts'
import type { CliContext } from './dependencies.ts'
import { unusable } from './errors.ts'

interface RestoreOptions {
  readonly config?: string
  readonly replace?: true
  readonly force?: true
  readonly yes?: true
  readonly json?: true
}

const HELP = `
The store of the configuration may be of another kind than the one that was
backed up. The file is checked as a whole before anything is changed. Counters
go on where they were when the backup was made: what was used since is not
counted. Stop Postern on all hosts first.

Exit codes: 0 done, 1 refused (the file is damaged, newer or of another key;
the store is not empty or in use; not confirmed), 2 the store or the file
can't be opened, or the store failed on the way: then run it again.

Examples:
  postern restore /var/backups/postern.jsonl.gz
  postern restore /var/backups/postern.jsonl.gz --replace --yes
`

/** `postern restore`: fills a store from a backup. */
export function addRestoreCommand(program: Command, context: CliContext): void {
  program
    .command('restore')
    .description('Fill a store from a backup.')
    .argument('<file>', 'the backup; "-" is standard input')
    .option(...CONFIG_OPTION)
    .option('--replace', 'remove what is in the store; asks first')
    .option('-y, --yes', 'do not ask')
    .option('--force', 'although Postern runs on the store: what it counts meanwhile is lost')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action((file: string, options: RestoreOptions) => restore(context, file, options))
}

async function restore(context: CliContext, file: string, options: RestoreOptions): Promise<void> {
  const { clock, stderr } = context
  const config = await configOf(context, options.config)
  const begunAt = clock()
  const progress = createProgress(stderr, clock)
  const outcome = await context.copies.restore({
    config,
    file,
    replaces: options.replace === true,
    isForced: options.force === true,
    confirm: (question) => {
      progress.end()
      if (file === '-' && options.yes !== true)
        throw unusable('With "-" nobody can be asked: --replace needs --yes then.')
      return confirm(context, options, question)
    },
    onProgress: progress.show,
  })
  progress.end()
  const done = 'The backup is restored.'
  concludeCopy(context, outcome, { json: options.json === true, begunAt, done })
}

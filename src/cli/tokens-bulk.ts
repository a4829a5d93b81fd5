import { Option, type Command } from 'commander'
import { counted } from '../text/counted.ts'
import type { ApiClient } from './api-client.ts'
import { doubles } from './bulk/doubles.ts'
import { sendInParts, type RowOutcome } from './bulk/parts.ts'
import { createProgress } from './bulk/progress.ts'
import { countResults, printReport, renderMistakes } from './bulk/report.ts'
import { readRowFile, ROW_FORMATS, type RowFile } from './bulk/row-file.ts'
import {
  addApiOptions,
  connect,
  parseHome,
  printJson,
  type ApiCommandOptions,
  type Home,
} from './command-options.ts'
import { confirm } from './confirm.ts'
import type { CliContext } from './dependencies.ts'
import { EXIT, refused } from './errors.ts'

interface BulkOptions extends ApiCommandOptions {
  readonly format?: (typeof ROW_FORMATS)[number]
  readonly action: string
  readonly match: 'name' | 'secret'
  readonly dryRun?: true
  readonly keepGoing?: true
  readonly showTokens?: true
  readonly yes?: true
}

const ACTIONS = ['upsert', 'create', 'ensure', 'update', 'enable', 'disable', 'delete']
/** Of a request: what the API does together or not at all. */
const ROWS_TOGETHER = 1_000

const HELP = `
The first line of CSV names the columns as the API names the fields: name,
token, is_active, limit_num_downloads and so on; "action" says what a row does,
"slug_perm" which token it is about. An empty cell leaves a field as it is, null
takes it away. Lists have semicolons between their entries. All rows are looked
at first: if one can't be done, nothing is changed.

Actions:
  upsert   change the token, or make it if there is none (the default)
  create   make it; a token that is there and differs is a mistake
  ensure   make it; one that is there stays as it is
  update, enable, disable, delete

Examples:
  postern tokens bulk acme/stable customers.csv --dry-run
  postern tokens bulk acme/stable expired.csv --action delete --yes
  postern tokens export acme/stable --format csv --output tokens.csv
`

/** `postern tokens bulk`: what the rows of a file say, done. */
export function addBulkCommand(tokens: Command, context: CliContext): void {
  const command = tokens
    .command('bulk')
    .description('Make, change and delete tokens as the rows of a file say: CSV, JSON or JSON lines.')
    .argument('<owner[/repo]>', 'the repository, or the owner of tokens for all of them', parseHome)
    .argument('<file>', 'the file')
    .option('--dry-run', 'only say what would happen')
    .addOption(new Option('--format <name>', 'of the file (default: by its name)').choices(ROW_FORMATS))
    .addOption(new Option('--action <name>', 'of rows that name none').choices(ACTIONS).default('upsert'))
    .addOption(
      new Option('--match <field>', 'what rows without slug_perm find their token by')
        .choices(['name', 'secret'])
        .default('name'),
    )
    .option('--keep-going', 'do what can be done, whatever becomes of the other rows')
    .option('--show-tokens', 'show the secrets')
    .option('-y, --yes', 'do not ask before tokens are deleted')
    .addHelpText('after', HELP)
  addApiOptions(command).action((repository: Home, file: string, options: BulkOptions) =>
    changeInBulk(context, repository, file, options),
  )
}

async function changeInBulk(
  context: CliContext,
  repository: Home,
  file: string,
  options: BulkOptions,
): Promise<void> {
  const rows = readRowFile(file, options.format)
  const twice = doubles(rows.rows, options.match)
  if (twice.length > 0) throw refused(`Rows are about the same token:\n${twice.join('\n')}`)
  const api = connect(context, options)
  const planned = await send(context, api, repository, rows, options, true)
  const { failed, deleted } = countResults(planned)
  if (options.dryRun) return finish(context, planned, options)
  if (failed > 0 && !options.keepGoing) {
    if (options.json) printRows(context, planned)
    throw refused(
      `${failed} of ${counted(planned.length, 'row')} can't be done; nothing was changed.\n${renderMistakes(planned)}`.trimEnd(),
    )
  }
  if (deleted > 0)
    await confirm(
      context,
      options,
      `Delete ${counted(deleted, 'token')}? ${deleted === 1 ? 'Its secret stops' : 'Their secrets stop'} working at once.`,
    )
  finish(context, await send(context, api, repository, rows, options, false), options)
}

async function send(
  context: CliContext,
  api: ApiClient,
  repository: Home,
  file: RowFile,
  { action, match, keepGoing, showTokens }: BulkOptions,
  isDryRun: boolean,
): Promise<readonly RowOutcome[]> {
  const progress = createProgress(context, isDryRun ? 'Checking' : 'Changing', file.rows.length)
  const query = {
    action,
    match,
    ...(isDryRun ? { dry_run: true } : {}),
    ...(keepGoing && !isDryRun ? { partial: true } : {}),
    ...(showTokens ? { show_tokens: true } : {}),
  }
  const outcomes = await sendInParts(file, { api, repository, query, progress, most: ROWS_TOGETHER })
  progress.end()
  return outcomes
}

function finish(context: CliContext, outcomes: readonly RowOutcome[], options: BulkOptions): void {
  const { failed } = countResults(outcomes)
  if (failed > 0) context.setExitCode(EXIT.refused)
  if (options.json) return printRows(context, outcomes)
  const view = { isDryRun: options.dryRun === true, withSecrets: options.showTokens === true }
  printReport(context, outcomes, view)
  context.stderr.write(renderMistakes(outcomes))
}

function printRows(context: CliContext, outcomes: readonly RowOutcome[]): void {
  printJson(context, { ...countResults(outcomes), rows: outcomes.map(({ raw }) => raw) })
}

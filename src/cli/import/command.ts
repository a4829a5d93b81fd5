import { rmSync, statSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { ApiClient } from '../api-client.ts'
import { sendInParts, type RowOutcome } from '../bulk/parts.ts'
import { createProgress } from '../bulk/progress.ts'
import { countResults } from '../bulk/report.ts'
import { readText, type RowFile } from '../bulk/row-file.ts'
import {
  addApiOptions,
  connect,
  formatHome,
  parseHome,
  printJson,
  type ApiCommandOptions,
  type Home,
} from '../command-options.ts'
import type { CliContext } from '../dependencies.ts'
import { EXIT, refused, unusable } from '../errors.ts'
import { clean, shorten } from '../text.ts'
import { plainCsvLine } from '../../text/csv.ts'
import { counted } from '../../text/counted.ts'
import { readCloudsmith } from './cloudsmith.ts'
import { createLosses, type Findings, type Loss, type TokenRow } from './findings.ts'
import { readHtpasswd } from './htpasswd.ts'
import { readPackagecloud } from './packagecloud.ts'

interface ImportOptions extends ApiCommandOptions {
  readonly repository: Home
  readonly dryRun?: true
  readonly newSecrets?: string
  readonly masterTokens?: true
  readonly plain?: true
}

type Read = (text: string, file: string, options: ImportOptions) => Findings

const ROWS_AT_ONCE = 1_000
/** Columns of a name that is an example. */
const MOST_SHOWN = 60

const HELP = `
What is there already stays as it is, so that the command can be repeated: after
an interruption it goes on where it stopped.
`

/** `postern import …`: the tokens of another program, with the secrets that customers have. */
export function addImportCommand(program: Command, context: CliContext): void {
  const group = program
    .command('import')
    .description('Bring the tokens of another program along, with their secrets.')
  addSource(group, context, {
    name: 'cloudsmith',
    description: "Import Cloudsmith's entitlement tokens: JSON of its API or command line, or CSV.",
    read: readCloudsmith,
  })
  addSource(group, context, {
    name: 'packagecloud',
    description: "Import packagecloud's read tokens: JSON of its API, with or without master tokens.",
    read: (text, _file, { masterTokens }) => readPackagecloud(text, masterTokens === true),
  }).option('--master-tokens', 'bring master tokens as ordinary tokens')
  addSource(group, context, {
    name: 'htpasswd',
    description: 'Import users of a password file whose passwords are in plain text.',
    read: (text, _file, { plain }) => readHtpasswd(text, plain === true),
  }).option('--plain', 'all passwords are in plain text, whatever they look like')
}

function addSource(
  group: Command,
  context: CliContext,
  { name, description, read }: { readonly name: string; readonly description: string; readonly read: Read },
): Command {
  const command = group
    .command(name)
    .description(description)
    .argument('<file>', 'the file')
    .requiredOption('--repository <owner[/repo]>', 'where the tokens go', parseHome)
    .option('--dry-run', 'only say what would happen')
    .option(
      '--new-secrets <file>',
      'make new secrets where the old ones are lost, and write them to a new file',
    )
    .addHelpText('after', HELP)
  return addApiOptions(command).action((file: string, options: ImportOptions) =>
    importTokens(context, read(readText(file), file, options), options),
  )
}

async function importTokens(context: CliContext, findings: Findings, options: ImportOptions): Promise<void> {
  const { tokens, secretless, doubled, losses } = findings
  if (tokens.length + secretless.length === 0) throw refused('There are no tokens in the file.')
  const { newSecrets } = options
  const { kept, made } = await carryOver(context, findings, options)
  const failed = [...refusalsOf(kept, tokens), ...refusalsOf(made, secretless)]
  const renewable = newSecrets === undefined ? secretless.length : 0
  const left = doubled + renewable
  const counts = countResults([...kept, ...made])
  if (failed.length > 0 || left > 0) context.setExitCode(EXIT.refused)
  const summary = {
    created: counts.created,
    there: counts.unchanged,
    left_out: counts.failed + left,
    losses: [...losses, ...failed],
  }
  if (options.json) printJson(context, summary)
  else context.stdout.write(render(summary, options, renewable > 0))
}

interface Outcomes {
  readonly kept: readonly RowOutcome[]
  /** Of tokens with new secrets. */
  readonly made: readonly RowOutcome[]
}

/** New secrets are made only where it is known that they can be written down. */
async function carryOver(context: CliContext, findings: Findings, options: ImportOptions): Promise<Outcomes> {
  const { tokens, secretless } = findings
  const { newSecrets, dryRun } = options
  const api = connect(context, options)
  const both = async (): Promise<Outcomes> => ({
    kept: await send(context, api, tokens, options, 'secret'),
    made: newSecrets === undefined ? [] : await send(context, api, secretless, options, 'name'),
  })
  if (newSecrets === undefined || dryRun) return both()
  makeEmpty(newSecrets)
  try {
    const outcomes = await both()
    writeSecrets(newSecrets, outcomes.made)
    return outcomes
  } catch (error) {
    // The next attempt writes all of them down.
    rmSync(newSecrets)
    throw error
  }
}

async function send(
  context: CliContext,
  api: ApiClient,
  tokens: readonly TokenRow[],
  { repository, dryRun }: ImportOptions,
  match: 'secret' | 'name',
): Promise<readonly RowOutcome[]> {
  if (tokens.length === 0) return []
  const progress = createProgress(context, dryRun ? 'Checking' : 'Importing', tokens.length)
  const file: RowFile = {
    type: 'application/x-ndjson',
    head: '',
    rows: tokens.map((token) => ({ text: `${JSON.stringify(token)}\n`, field: (name) => token[name] })),
  }
  const query = {
    action: 'ensure',
    match,
    partial: true,
    ...(dryRun ? { dry_run: true } : {}),
    ...(match === 'name' ? { show_tokens: true } : {}),
  }
  const outcomes = await sendInParts(file, { api, repository, query, progress, most: ROWS_AT_ONCE })
  progress.end()
  return outcomes
}

/** Tokens that the gate refuses, by why. */
function refusalsOf(outcomes: readonly RowOutcome[], tokens: readonly TokenRow[]): readonly Loss[] {
  const losses = createLosses()
  for (const { row, result, mistakes } of outcomes) {
    if (result === 'failed')
      losses.add(`token that is refused: ${mistakes.join(', ')}`, tokens[row - 1]?.name ?? '')
  }
  return losses.list()
}

/** An empty file that is there was left behind by an attempt that was killed. */
function makeEmpty(file: string): void {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code !== 'EEXIST') throw unusable(`${clean(file)} can't be written (${code}).`, error)
    const found = statSync(file)
    if (found.isFile() && found.size === 0) return
    throw refused(`${clean(file)} is there already; give another name to --new-secrets.`)
  }
}

/** Also those of tokens that were there: an interrupted import did not write them down. */
function writeSecrets(file: string, made: readonly RowOutcome[]): void {
  const known = made.flatMap(({ name, secret }) => (secret === null ? [] : [[name ?? '', secret]]))
  writeFileSync(file, [['name', 'token'], ...known].map((cells) => plainCsvLine(cells)).join(''))
}

interface Summary {
  readonly created: number
  readonly there: number
  readonly left_out: number
  readonly losses: readonly Loss[]
}

/** `isRenewable`: of some that are left out only the secrets are lost. */
function render(
  { created, there, left_out: left, losses }: Summary,
  options: ImportOptions,
  isRenewable: boolean,
): string {
  const { dryRun, newSecrets, repository } = options
  const place = formatHome(repository)
  const head = dryRun
    ? `${counted(created, 'token')} would come to ${place}, ${there} ${there === 1 ? 'is' : 'are'} there already, ${left} would be left out. Nothing was changed.\n`
    : `${counted(created, 'token')} came to ${place}, ${there} ${there === 1 ? 'was' : 'were'} there already, ${left} ${left === 1 ? 'is' : 'are'} left out.\n`
  const list = losses.map(({ what, count, examples }) => {
    const names = examples.map((name) => JSON.stringify(shorten(clean(name), MOST_SHOWN, '...'))).join(', ')
    return `  ${count} x ${clean(what)}\n      ${count > examples.length ? 'such as ' : ''}${names}\n`
  })
  const lost = list.length === 0 ? '' : `Not carried over:\n${list.join('')}`
  const hint = isRenewable
    ? '--new-secrets FILE makes tokens with new secrets of those whose secrets are lost.\n'
    : ''
  const written = newSecrets !== undefined && !dryRun ? `The new secrets are in ${clean(newSecrets)}.\n` : ''
  return head + lost + hint + written
}

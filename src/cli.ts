import { Command, CommanderError } from 'commander'
import { addAuditCommand } from './cli/audit.ts'
import { addBackupCommand } from './cli/backup.ts'
import { addCacheCommand } from './cli/cache.ts'
import { addCheckConfigCommand, defaultConfigFile } from './cli/check-config.ts'
import { addCompletionCommand } from './cli/completion/command.ts'
import type { CliContext, CliDependencies, ServeOptions } from './cli/dependencies.ts'
import { CliError, EXIT } from './cli/errors.ts'
import { addExplainCommand } from './cli/explain.ts'
import { addImportCommand } from './cli/import/command.ts'
import { addKeysCommand } from './cli/keys.ts'
import { addRestoreCommand } from './cli/restore.ts'
import { addTokensCommand } from './cli/tokens.ts'
import { addUsageCommand } from './cli/usage.ts'
import { addWebhooksCommand } from './cli/webhooks.ts'

export type { CliDependencies, ServeOptions } from './cli/dependencies.ts'

const HELP = `
Environment:
  POSTERN_CONFIG     the configuration file
  POSTERN_API        URL of the management API (default: http://127.0.0.1:8081)
  POSTERN_API_KEY    the key that is sent to it

Exit codes:
  0  done, or allowed
  1  no: refused, not found, not confirmed, or mistakes in the file
  2  no answer: wrong usage, or the management API can't be asked

Examples:
  postern serve --config /etc/postern/postern.yaml
  postern tokens create acme/stable --name "Example Ltd"
  postern explain SECRET acme/stable/dists/stable/InRelease
  postern backup /var/backups/postern.jsonl.gz --config /etc/postern/postern.yaml
`

/**
 * Runs the command that `args` (without program and script) name. Resolves to the exit code, with everything printed that there is to
 * say. Rejects only for mistakes of ours.
 */
export async function runCli(args: readonly string[], dependencies: CliDependencies): Promise<number> {
  let exitCode = 0
  const program = createCli(dependencies, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return reportFailure(error, dependencies)
  }
}

/** The command line. Commands that fail reject: with a `CliError`, or commander's error for wrong usage. */
export function createCli(
  dependencies: CliDependencies,
  setExitCode: (code: number) => void = () => undefined,
): Command {
  const context: CliContext = { ...dependencies, setExitCode }
  const { stdout, stderr, version } = dependencies
  const program = new Command('postern')
    .description('Entitlement tokens in front of the package storage you already have.')
    .version(`postern ${version}`, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'Print the help of a command.')
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({
      writeOut: stdout.write,
      writeErr: stderr.write,
      outputError: (text, write) => write(withoutArguments(text)),
      getOutHelpWidth: () => stdout.columns ?? 80,
      getErrHelpWidth: () => stderr.columns ?? 80,
    })
    .configureHelp({ subcommandTerm })
    .showHelpAfterError('(--help says more)')
    // Options that stand behind a command are the command's, also where a command above has one of that name.
    .enablePositionalOptions()
  addServeCommand(program, context)
  addCheckConfigCommand(program, context)
  addTokensCommand(program, context)
  addImportCommand(program, context)
  addUsageCommand(program, context)
  addExplainCommand(program, context)
  addKeysCommand(program, context)
  addCacheCommand(program, context)
  addAuditCommand(program, context)
  addWebhooksCommand(program, context)
  addBackupCommand(program, context)
  addRestoreCommand(program, context)
  addCompletionCommand(program, context)
  program
    .command('version')
    .description('Print the version.')
    .action(() => stdout.write(`postern ${version}\n`))
  return program
}

/** Of superfluous arguments commander lists all, and one of them may be a secret. */
function withoutArguments(text: string): string {
  return text.replace(/(Expected \d+ arguments? but got \d+): [^]*/, '$1.\n')
}

/** Without "[options]", which would leave no room for what the command does. */
function subcommandTerm(command: Command): string {
  const names = [command.name(), ...command.aliases()].join('|')
  const args = command.registeredArguments.map((each) =>
    each.required ? `<${each.name()}>` : `[${each.name()}]`,
  )
  return [names, ...args].join(' ')
}

function addServeCommand(program: Command, context: CliContext): void {
  program
    .command('serve')
    .description('Run the gate and its management API until SIGTERM or SIGINT. SIGHUP reads the file again.')
    .option('--config <file>', 'the file (default: POSTERN_CONFIG, else postern.yaml or config/postern.yaml)')
    .option('--demo', 'make a token to try it with and print commands to paste')
    .action(async ({ config, demo }: Partial<ServeOptions>) => {
      const options = { config: config ?? defaultConfigFile(context), demo: demo === true }
      context.setExitCode(await context.serve(options))
    })
}

function reportFailure(error: unknown, { stderr }: CliDependencies): number {
  // commander has printed it.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.unusable
  if (!(error instanceof CliError)) throw error
  stderr.write(`error: ${error.message}\n`)
  return error.exitCode
}

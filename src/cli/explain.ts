import { Option, type Command } from 'commander'
import { addApiOptions, connect, type ApiCommandOptions } from './command-options.ts'
import type { CliContext } from './dependencies.ts'
import { CliError, EXIT } from './errors.ts'
import { readArguments, type ExplainTarget } from './explain-target.ts'
import { readExplanation, renderExplanation } from './explain-view.ts'
import { signsFor } from './text.ts'

interface ExplainOptions extends ApiCommandOptions {
  readonly client?: string
  readonly method: string
  readonly host?: string
}

/** `postern explain`: what the gate would do with a request, and why. */
export function addExplainCommand(program: Command, context: CliContext): void {
  const command = program
    .command('explain')
    .description('Say what the gate would do with a request, step by step. Nothing is charged.')
    .argument('<secret>', 'the secret of a token, or a whole URL that holds one')
    .argument('[path]', 'owner/repo/path, or a URL')
    .option('--client <ip>', 'address that the client would have (default: 127.0.0.1)')
    .option('--host <name>', 'host name that the client would ask for')
    .addOption(new Option('--method <method>', 'HTTP method').choices(['GET', 'HEAD']).default('GET'))
    .addHelpText('after', HELP)
  addApiOptions(command).action((first: string, second: string | undefined, options: ExplainOptions) =>
    explain(context, readArguments(first, second), options),
  )
}

const HELP = `
Exit code: 0 allowed, 1 refused, 2 could not be found out.

Examples:
  postern explain SECRET acme/stable/pool/main/w/widget_1.0_amd64.deb
  postern explain SECRET acme/js/@acme%2fwidget --client 203.0.113.7
  postern explain https://token:SECRET@packages.example.com/basic/acme/files/manual.pdf
`

async function explain(context: CliContext, asked: ExplainTarget, options: ExplainOptions): Promise<void> {
  const { target, secrets, ...others } = asked
  const hide = createHide(secrets, signsFor(context.stdout, context.environment.variables).more)
  const answer = await ask(context, options, {
    target,
    method: options.method,
    ...others,
    ...(options.client === undefined ? {} : { client: options.client }),
    ...(options.host === undefined ? {} : { host: options.host }),
  })
  const explanation = readExplanation(answer)
  if (!explanation.allowed) context.setExitCode(EXIT.refused)
  if (options.json) return context.stdout.write(hide(`${JSON.stringify(answer, null, 2)}\n`))
  const { stdout, environment } = context
  const view = {
    request: `${options.method} ${target}`,
    width: stdout.isTerminal ? stdout.columns : undefined,
    signs: signsFor(stdout, environment.variables),
  }
  stdout.write(hide(renderExplanation(explanation, view)))
}

/** A refusal of the API itself must not look like a refusal of the request. */
async function ask(context: CliContext, options: ExplainOptions, body: unknown): Promise<unknown> {
  try {
    const answer = await connect(context, options)({ method: 'POST', path: ['explain'], body })
    return answer.body
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    throw new CliError(error.message, EXIT.unusable, { cause: error })
  }
}

/** Shorter ones can't be secrets, and hiding them would make holes in words. */
const SHORTEST_SECRET = 8

/** Makes what replaces each secret in a text by its first characters: enough to tell which one it was. */
function createHide(secrets: readonly string[], more: string): (text: string) => string {
  const hidden = secrets.filter(({ length }) => length >= SHORTEST_SECRET)
  // One may begin with another.
  hidden.sort((a, b) => b.length - a.length)
  return (text) =>
    hidden.reduce((sum, secret) => {
      const shown = secret.slice(0, Math.min(6, Math.floor(secret.length / 5)))
      return sum.replaceAll(secret, () => shown + more)
    }, text)
}

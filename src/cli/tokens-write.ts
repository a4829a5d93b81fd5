import { Option, type Command } from 'commander'
import type { ApiClient } from './api-client.ts'
import type { ApiToken } from './api-token.ts'
import {
  addApiOptions,
  connect,
  formatHome,
  parseHome,
  printJson,
  type ApiCommandOptions,
  type Home,
} from './command-options.ts'
import { confirm } from './confirm.ts'
import type { CliContext } from './dependencies.ts'
import { unusable } from './errors.ts'
import { findToken, listPath, noSuchHome, tokenPath } from './find-token.ts'
import { readDuration } from './setting-values.ts'
import { addSettings, readSettings } from './token-settings.ts'
import { onToken, printToken } from './tokens-read.ts'

interface WriteOptions extends ApiCommandOptions {
  readonly yes?: true
  readonly showSecret?: true
}

interface UpdateOptions extends WriteOptions {
  readonly graceUntil?: string
}

interface RefreshOptions extends WriteOptions {
  readonly token?: string
  /** Seconds. */
  readonly grace?: number
  readonly graceUntil?: string
}

export function addCreateCommand(tokens: Command, context: CliContext): void {
  const command = tokens
    .command('create')
    .description('Make a token for a customer, and show its secret.')
    .argument(
      '<owner[/repo]>',
      'the repository, or an owner: the token then opens all of its repositories, or those that --repositories names',
      parseHome,
    )
  addSettings(command).option('--disabled', 'make it without switching it on')
  command.options.find(({ long }) => long === '--name')?.makeOptionMandatory()
  command.addHelpText(
    'after',
    `
Examples:
  postern tokens create acme/stable --name "Example Ltd" --valid-until 2027-01-01 --max-downloads 1000
  postern tokens create acme --name "Everything of ours"
  postern tokens create acme/js --name Trial --packages '@acme/widget@^2' --packages '!@acme/widget-internal'
`,
  )
  addApiOptions(command).action((home: Home, options: WriteOptions) => createToken(context, home, options))
}

async function createToken(context: CliContext, home: Home, options: WriteOptions): Promise<void> {
  const { body } = await connect(
    context,
    options,
  )({
    method: 'POST',
    path: listPath(home),
    query: { show_tokens: true },
    body: readSettings({ ...options }),
    notFound: noSuchHome(home),
  })
  printToken(context, home, body, options)
  if (options.json) return
  const what = home.repo === undefined ? 'each repository' : 'the repository'
  const path = formatHome({ owner: home.owner, repo: home.repo ?? 'REPOSITORY' })
  context.stderr.write(`\nThe customer finds ${what} at /SECRET/${path}/ of the gate.\n`)
}

export function addUpdateCommand(tokens: Command, context: CliContext): void {
  const command = onToken(tokens, 'update', 'Change a token. What is not named stays as it is.')
  addSettings(command)
    .addOption(new Option('--disabled', 'switch it off').conflicts('enabled'))
    .option('--enabled', 'switch it on')
    .option('--grace-until <instant>', 'until when the previous secret works; none: no longer')
    .option('--show-secret', 'show the secret')
  command.addHelpText(
    'after',
    `
"none" takes a limit away: --max-downloads none, --packages none.

Examples:
  postern tokens update acme/stable "Example Ltd" --valid-until 2028-01-01
  postern tokens update acme/stable "Example Ltd" --max-clients none
  postern tokens update acme/stable "Example Ltd" --max-bandwidth 500GB --reset-period monthly
`,
  )
  addApiOptions(command).action(async (home: Home, id: string, options: UpdateOptions) => {
    const { graceUntil } = options
    const until = graceUntil === 'none' ? null : graceUntil
    const body = {
      ...readSettings({ ...options }),
      ...(until === undefined ? {} : { previous_secret_valid_until: until }),
    }
    if (Object.keys(body).length === 0) {
      throw unusable('Nothing to change. Name something to set, such as --valid-until 2028-01-01.')
    }
    const api = connect(context, options)
    const path = tokenPath(home, await findToken(api, home, id))
    const query = { show_tokens: options.showSecret === true }
    const answer = await api({ method: 'PATCH', path, query, body })
    printToken(context, home, answer.body, options)
  })
}

export function addRefreshCommand(tokens: Command, context: CliContext): void {
  const command = onToken(
    tokens,
    'refresh',
    'Give a token a new secret and show it. The old one stops working, at once or when you say.',
  )
    .option('--token <secret>', 'the new secret (default: a generated one)')
    .addOption(
      new Option('--grace <duration>', 'the old secret works on for so long, such as 7d')
        .argParser(readDuration)
        .conflicts('graceUntil'),
    )
    .option('--grace-until <instant>', 'the old secret works on until then')
    .option('-y, --yes', 'do not ask')
  addApiOptions(command).action((home: Home, id: string, options: RefreshOptions) =>
    refreshToken(context, home, id, options),
  )
}

async function refreshToken(
  context: CliContext,
  home: Home,
  id: string,
  options: RefreshOptions,
): Promise<void> {
  const api = connect(context, options)
  const token = await findToken(api, home, id)
  const { token: secret, grace, graceUntil } = options
  const end = grace === undefined && graceUntil === undefined ? 'at once' : 'when its grace is over'
  const question = `Replace the secret of ${naming(token)}? The old one stops working ${end}.`
  await confirm(context, options, question)
  const body = {
    ...(secret === undefined ? {} : { token: secret }),
    ...(grace === undefined ? {} : { previous_secret_valid_for: grace }),
    ...(graceUntil === undefined ? {} : { previous_secret_valid_until: graceUntil }),
  }
  const answer = await api({
    method: 'POST',
    path: tokenPath(home, token, 'refresh'),
    query: { show_tokens: true },
    ...(Object.keys(body).length === 0 ? {} : { body }),
  })
  printToken(context, home, answer.body, options)
}

export function addDeleteCommand(tokens: Command, context: CliContext): void {
  const command = onToken(tokens, 'delete', 'Delete a token for good. Its secret stops working.')
    .alias('rm')
    .option('-y, --yes', 'do not ask')
  addApiOptions(command).action(async (home: Home, id: string, options: WriteOptions) => {
    const api = connect(context, options)
    const token = await findToken(api, home, id)
    await confirm(context, options, `Delete ${naming(token)}? Its secret stops working at once.`)
    await api({ method: 'DELETE', path: tokenPath(home, token) })
    if (options.json) printJson(context, { slug_perm: token.slugPerm, deleted: true })
    else context.stdout.write(`Deleted ${naming(token)}.\n`)
  })
}

const ACTIONS = [
  ['enable', 'Switch a token on.', 'Switched on'],
  ['disable', 'Switch a token off. It can be switched on again.', 'Switched off'],
  ['reset', 'Set what a token has used to zero.', 'Reset the counters of'],
] as const

/** Commands that the API answers without a body. */
export function addActionCommands(tokens: Command, context: CliContext): void {
  for (const [action, description, done] of ACTIONS) {
    const command = addApiOptions(onToken(tokens, action, description))
    command.action(async (home: Home, id: string, options: ApiCommandOptions) => {
      const api = connect(context, options)
      const token = await findToken(api, home, id)
      await api({ method: 'POST', path: tokenPath(home, token, action) })
      if (options.json) await printAgain(context, api, home, token, options)
      else context.stdout.write(`${done} ${naming(token)}.\n`)
    })
  }
}

async function printAgain(
  context: CliContext,
  api: ApiClient,
  home: Home,
  token: ApiToken,
  options: ApiCommandOptions,
): Promise<void> {
  const { body } = await api({ method: 'GET', path: tokenPath(home, token) })
  printToken(context, home, body, options)
}

function naming({ name, slugPerm }: ApiToken): string {
  return `"${name}" (${slugPerm})`
}

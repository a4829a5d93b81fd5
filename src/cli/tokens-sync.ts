import type { Command } from 'commander'
import { counted } from '../text/counted.ts'
import type { ApiClient } from './api-client.ts'
import { readTokens } from './api-token.ts'
import {
  addApiOptions,
  connect,
  formatHome,
  parseRepository,
  printJson,
  type ApiCommandOptions,
  type Repository,
} from './command-options.ts'
import { confirm } from './confirm.ts'
import type { CliContext } from './dependencies.ts'
import { unusable } from './errors.ts'
import { listPath, noSuchHome } from './find-token.ts'

interface SyncOptions extends ApiCommandOptions {
  readonly yes?: true
}

export function addSyncCommand(tokens: Command, context: CliContext): void {
  const command = tokens
    .command('sync')
    .description('Replace the tokens of a repository by copies of those of another one of the same owner.')
    .argument('<source>', 'the repository whose tokens are copied', parseRepository)
    .argument('<target>', 'the repository whose tokens are replaced', parseRepository)
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      `
The copies have all settings of theirs, the secret included, and counters at
zero. What the target had before is deleted. All of it happens, or nothing:
when the command was cut short, run it again. Copies that it had made by then
are replaced by new ones, with what they have used since.

Example:
  postern tokens sync acme/stable acme/beta
`,
    )
  addApiOptions(command).action((source: Repository, target: Repository, options: SyncOptions) =>
    sync(context, source, target, options),
  )
}

async function sync(
  context: CliContext,
  source: Repository,
  target: Repository,
  options: SyncOptions,
): Promise<void> {
  const [from, to] = [formatHome(source), formatHome(target)]
  if (source.owner !== target.owner) throw unusable('Both repositories must belong to the same owner.')
  if (from === to) throw unusable('The source and the target are the same repository.')
  const api = connect(context, options)
  const [copied, replaced] = [await countTokens(api, source), await countTokens(api, target)]
  const loss = replaced === 0 ? '' : ` ${to} loses ${counted(replaced, 'token')}, with what they have used.`
  await confirm(context, options, `Copy ${counted(copied, 'token')} of ${from} to ${to}?${loss}`)
  const { body } = await api({
    method: 'POST',
    path: [...listPath(target), 'sync'],
    body: { source: source.repo },
    notFound: noSuchHome(target),
  })
  if (options.json) return printJson(context, body)
  const made = readTokens((body as { readonly tokens?: unknown }).tokens)
  context.stdout.write(`${to} now has ${counted(made.length, 'token')}, copied from ${from}.\n`)
}

async function countTokens(api: ApiClient, repository: Repository): Promise<number> {
  const { count } = await api({
    method: 'GET',
    path: listPath(repository),
    query: { page_size: 1 },
    notFound: noSuchHome(repository),
  })
  return count
}

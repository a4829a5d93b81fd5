import type { Command } from 'commander'
import { readTokens } from './api-token.ts'
import {
  addApiOptions,
  addPageOptions,
  connect,
  pageOf,
  parseRepository,
  printJson,
  type ApiCommandOptions,
  type PageOptions,
  type Repository,
} from './command-options.ts'
import type { CliContext } from './dependencies.ts'
import { findToken, listAllTokens, listPath, noSuchRepository, tokenPath } from './find-token.ts'
import { tableOptionsFor } from './table.ts'
import { renderToken, renderTokens } from './token-view.ts'
import { readToken } from './api-token.ts'

interface ListOptions extends ApiCommandOptions, PageOptions {
  readonly all?: true
  readonly query?: string
  readonly active?: true
  readonly showSecret?: true
}

export function addListCommand(tokens: Command, context: CliContext): void {
  const command = tokens
    .command('list')
    .alias('ls')
    .description('List the tokens of a repository.')
    .argument('<owner/repo>', 'the repository', parseRepository)
    .option('--query <text>', 'only those with this in their name')
    .option('--active', 'only those that are not disabled')
  addPageOptions(command, 'tokens')
    .option('--all', 'all pages at once')
    .option('--show-secret', 'show the secrets')
  addApiOptions(command).action((repository: Repository, options: ListOptions) =>
    listTokens(context, repository, options),
  )
}

async function listTokens(context: CliContext, repository: Repository, options: ListOptions): Promise<void> {
  const { page, body, count, pages } = await fetchPage(context, repository, options)
  if (options.json) return printJson(context, body)
  const { stdout, stderr, clock } = context
  const tokens = readTokens(body)
  if (tokens.length === 0) {
    stderr.write(nothingFound(repository, options, count))
    return
  }
  const view = { now: clock(), withSecrets: options.showSecret === true, ...tableOptionsFor(context) }
  stdout.write(renderTokens(tokens, view))
  if (page < pages) {
    stderr.write(
      `Page ${page} of ${pages}, ${count} tokens in all; --page ${page + 1} or --all shows more.\n`,
    )
  }
}

async function fetchPage(context: CliContext, repository: Repository, options: ListOptions) {
  const api = connect(context, options)
  const { query, active, showSecret, page } = options
  const filter = {
    ...(query === undefined ? {} : { query }),
    ...(active ? { active: true } : {}),
    ...(showSecret ? { show_tokens: true } : {}),
  }
  if (options.all) {
    const body = await listAllTokens(api, repository, filter)
    return { page: 1, pages: 1, count: body.length, body }
  }
  const answer = await api({
    method: 'GET',
    path: listPath(repository),
    query: { ...pageOf(options), ...filter },
    notFound: noSuchRepository(repository),
  })
  return { ...answer, page }
}

function nothingFound(
  { owner, repo }: Repository,
  { query, active, page }: ListOptions,
  count: number,
): string {
  if (count > 0) return `Page ${page} is empty; there are ${count} tokens in all.\n`
  if (query !== undefined || active) return `No token of ${owner}/${repo} is like that.\n`
  return `${owner}/${repo} has no tokens yet. Make one: postern tokens create ${owner}/${repo} --name "Example Ltd"\n`
}

interface ShowOptions extends ApiCommandOptions {
  readonly showSecret?: true
}

export function addShowCommand(tokens: Command, context: CliContext): void {
  const command = tokens
    .command('show')
    .description('Show one token: what it opens, its limits and what was used.')
    .argument('<owner/repo>', 'the repository', parseRepository)
    .argument('<id>', 'id (slug_perm) or unique name of the token')
    .option('--show-secret', 'show the secret')
  addApiOptions(command).action((repository: Repository, id: string, options: ShowOptions) =>
    showToken(context, repository, id, options),
  )
}

async function showToken(
  context: CliContext,
  repository: Repository,
  id: string,
  options: ShowOptions,
): Promise<void> {
  const api = connect(context, options)
  const { slugPerm } = await findToken(api, repository, id)
  const query = { show_tokens: options.showSecret === true }
  const { body } = await api({ method: 'GET', path: tokenPath(repository, slugPerm), query })
  printToken(context, repository, body, options)
}

/** Prints a token as the API answered with it. */
export function printToken(
  context: CliContext,
  { owner, repo }: Repository,
  body: unknown,
  { json }: ApiCommandOptions,
): void {
  if (json) printJson(context, body)
  else context.stdout.write(renderToken(readToken(body), `${owner}/${repo}`, context.clock()))
}

import { Option, type Command } from 'commander'
import { counted } from '../text/counted.ts'
import { readTokens } from './api-token.ts'
import {
  addApiOptions,
  addPageOptions,
  connect,
  pageOf,
  formatHome,
  parseHome,
  printJson,
  type ApiCommandOptions,
  type PageOptions,
  type Home,
} from './command-options.ts'
import type { CliContext } from './dependencies.ts'
import { findToken, listAllTokens, listPath, noSuchHome, TOKEN_ID, tokenPath } from './find-token.ts'
import { emptyPage } from './lists.ts'
import { tableOptionsFor } from './table.ts'
import { renderToken, renderTokens } from './token-view.ts'
import { readToken } from './api-token.ts'

const ORDERS = ['name', 'created', 'expires', 'downloads', 'last_used']

const HOME = 'the repository, or an owner: all of its repositories, and what belongs to the owner itself'

const LIST_HELP = `
A search is made of words, which are parts of the name, and of field:value
terms, with AND, OR, NOT and parentheses: see docs/search.md.

Examples:
  postern tokens list acme/stable --query widget
  postern tokens list acme --query 'state:expired OR expires:<+30d' --sort expires
  postern tokens list acme --query 'metadata.customer:4711'
  postern tokens list acme/stable --query 'active:true last_used:<-90d' --sort last_used
`

interface ListOptions extends ApiCommandOptions, PageOptions {
  readonly all?: true
  readonly query?: string
  readonly sort?: string
  readonly active?: true
  readonly showSecret?: true
}

export function addListCommand(tokens: Command, context: CliContext): void {
  const command = tokens
    .command('list')
    .alias('ls')
    .description('List the tokens of a repository, or of an owner.')
    .argument('<owner[/repo]>', HOME, parseHome)
    .option('--query <search>', 'only those that fit: a part of the name, or a search (see below)')
    .addOption(
      new Option('--sort <order>', `${ORDERS.join(', ')}; with - before it backwards`).choices([
        ...ORDERS,
        ...ORDERS.map((order) => `-${order}`),
      ]),
    )
    .option('--active', 'only those that are not disabled')
  addPageOptions(command, 'tokens')
    .option('--all', 'all pages at once')
    .option('--show-secret', 'show the secrets')
  command.addHelpText('after', LIST_HELP)
  addApiOptions(command).action((home: Home, options: ListOptions) => listTokens(context, home, options))
}

async function listTokens(context: CliContext, home: Home, options: ListOptions): Promise<void> {
  const { page, body, count, pages, isAtMost } = await fetchPage(context, home, options)
  if (options.json) return printJson(context, body)
  const { stdout, stderr, clock } = context
  const tokens = readTokens(body)
  if (tokens.length === 0) {
    stderr.write(nothingFound(home, options, isAtMost ? 0 : count))
    return
  }
  const view = {
    now: clock(),
    withSecrets: options.showSecret === true,
    withRepositories: home.repo === undefined,
    ...tableOptionsFor(context),
  }
  stdout.write(renderTokens(tokens, view))
  if (page < pages) {
    stderr.write(
      `Page ${page} of ${pages}, ${isAtMost ? 'at most ' : ''}${counted(count, 'token')} in all; --page ${page + 1} or --all shows more.\n`,
    )
  }
}

async function fetchPage(context: CliContext, home: Home, options: ListOptions) {
  const api = connect(context, options)
  const { query, sort, active, showSecret, page } = options
  const filter = {
    ...(query === undefined ? {} : { query }),
    ...(sort === undefined ? {} : { sort }),
    ...(active ? { active: true } : {}),
    ...(showSecret ? { show_tokens: true } : {}),
  }
  if (options.all) {
    const body = await listAllTokens(api, home, filter)
    return { page: 1, pages: 1, count: body.length, isAtMost: false, body }
  }
  const answer = await api({
    method: 'GET',
    path: listPath(home),
    query: { ...pageOf(options), ...filter },
    notFound: noSuchHome(home),
  })
  return { ...answer, page }
}

function nothingFound(home: Home, { query, active, page }: ListOptions, count: number): string {
  const where = formatHome(home)
  const nothing =
    query !== undefined || active
      ? `No token of ${where} is like that.`
      : `${where} has no tokens yet. Make one: postern tokens create ${where} --name "Example Ltd"`
  return emptyPage(page, count, nothing, 'token')
}

interface ShowOptions extends ApiCommandOptions {
  readonly showSecret?: true
}

export function addShowCommand(tokens: Command, context: CliContext): void {
  const description = 'Show one token: what it opens, its limits and what was used.'
  const command = onToken(tokens, 'show', description).option('--show-secret', 'show the secret')
  addApiOptions(command).action((home: Home, id: string, options: ShowOptions) =>
    showToken(context, home, id, options),
  )
}

async function showToken(context: CliContext, home: Home, id: string, options: ShowOptions): Promise<void> {
  const api = connect(context, options)
  const token = await findToken(api, home, id)
  const query = { show_tokens: options.showSecret === true }
  const { body } = await api({ method: 'GET', path: tokenPath(home, token), query })
  printToken(context, home, body, options)
}

/** A command about one token, of a repository or of an owner. */
export function onToken(tokens: Command, name: string, description: string): Command {
  return tokens
    .command(name)
    .description(description)
    .argument('<owner[/repo]>', HOME, parseHome)
    .argument('<id>', TOKEN_ID)
}

/** Prints a token as the API answered with it. */
export function printToken(
  context: CliContext,
  home: Home,
  body: unknown,
  { json }: ApiCommandOptions,
): void {
  if (json) return printJson(context, body)
  const token = readToken(body)
  const of = token.repository ?? formatHome(home)
  context.stdout.write(renderToken(token, of, context.clock()))
}

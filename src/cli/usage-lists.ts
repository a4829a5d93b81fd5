import type { Command } from 'commander'
import { formatBytes } from '../text/bytes.ts'
import {
  addApiOptions,
  addPageOptions,
  connect,
  pageOf,
  parsePositive,
  parseHome,
  parseRepository,
  printJson,
  type ApiCommandOptions,
  type PageOptions,
  type Home,
  type Repository,
} from './command-options.ts'
import type { CliContext } from './dependencies.ts'
import { unusable } from './errors.ts'
import { findToken, noSuchHome, TOKEN_ID, tokenPath } from './find-token.ts'
import { formatInstant } from './instants.ts'
import { readFields, readList, type JsonFields } from './json-fields.ts'
import { emptyPage } from './lists.ts'
import { renderTable, tableOptionsFor, type Column } from './table.ts'
import { NOTHING } from './text.ts'
import { addPeriodOptions, periodOf, type PeriodOptions } from './usage-period.ts'

type ListOptions = ApiCommandOptions & PageOptions

const DOWNLOADS: Column<JsonFields> = {
  title: 'DOWNLOADS',
  cell: (row) => String(row.number('downloads') ?? 0),
  align: 'right',
}
const SENT: Column<JsonFields> = {
  title: 'SENT',
  cell: (row) => formatBytes(row.number('bandwidth') ?? 0),
  align: 'right',
}
const LAST: Column<JsonFields> = {
  title: 'LAST',
  cell: (row) => formatInstant(row.text('last_downloaded_at')),
}

function text(title: string, field: string, extra: Partial<Column<JsonFields>> = {}): Column<JsonFields> {
  return { title, cell: (row) => row.text(field) || NOTHING, ...extra }
}

const CLIENTS: readonly Column<JsonFields>[] = [
  text('ADDRESS', 'address'),
  DOWNLOADS,
  { title: 'FIRST SEEN', cell: (row) => formatInstant(row.text('first_seen_at')), keep: 1 },
  { title: 'LAST SEEN', cell: (row) => formatInstant(row.text('last_seen_at')) },
]
const PACKAGES: readonly Column<JsonFields>[] = [
  text('PACKAGE', 'name', { isFlexible: true }),
  text('VERSION', 'version'),
  text('FILE', 'filename', { isFlexible: true, keep: 1 }),
  DOWNLOADS,
  SENT,
  LAST,
]
const DOWNLOADERS: readonly Column<JsonFields>[] = [
  text('CUSTOMER', 'token_name', { isFlexible: true }),
  text('ID', 'token'),
  text('VERSION', 'version'),
  DOWNLOADS,
  SENT,
  LAST,
]
const LOG: readonly Column<JsonFields>[] = [
  { title: 'TIME', cell: (row) => formatInstant(row.text('time')) },
  text('CUSTOMER', 'token_name', { isFlexible: true }),
  text('PACKAGE', 'package', { isFlexible: true }),
  text('VERSION', 'version', { keep: 2 }),
  text('CLIENT', 'client', { keep: 3 }),
  DOWNLOADS,
  { title: 'SENT', cell: (row) => formatBytes(row.number('bytes') ?? 0), align: 'right', keep: 1 },
]

/** Clients of a token; with --release one of them is forgotten. */
export function addClientsCommand(usage: Command, context: CliContext): void {
  const command = usage
    .command('clients')
    .description('List the clients that count for a token, or release the place of one.')
    .argument('<owner[/repo]>', 'the repository of the token, or its owner', parseHome)
    .argument('<id>', TOKEN_ID)
    .option('--release <address>', 'forget this client, so that its place is free')
  addApiOptions(addPageOptions(command, 'lines')).action(
    async (home: Home, id: string, options: ListOptions & { readonly release?: string }) => {
      const api = connect(context, options)
      const path = tokenPath(home, await findToken(api, home, id), 'clients')
      const { release } = options
      if (release === undefined) {
        const answer = await api({ method: 'GET', path, query: pageOf(options) })
        return print(context, options, answer, CLIENTS, 'No client counts.')
      }
      const notFound = 'There is no such client; postern usage clients lists those there are.'
      await api({ method: 'DELETE', path: [...path, release], notFound })
      if (options.json) printJson(context, { address: release, released: true })
      else context.stdout.write(`Released ${release}.\n`)
    },
  )
}

/** Packages of a repository or of a token. */
export function addPackagesCommand(usage: Command, context: CliContext): void {
  const command = usage
    .command('packages')
    .description('List what was downloaded, from a repository or by one token, last used first.')
    .argument('<owner[/repo]>', 'the repository; of a token also its owner', parseHome)
    .argument('[id]', 'id (slug_perm) or unique name of a token')
    .option('--query <text>', 'only those with this in their name')
  addApiOptions(addPageOptions(command, 'lines')).action(
    async (home: Home, id: string | undefined, options: ListOptions & { readonly query?: string }) => {
      const api = connect(context, options)
      const path =
        id === undefined ? packagesPath(home) : tokenPath(home, await findToken(api, home, id), 'packages')
      const { query } = options
      const asked = { ...pageOf(options), ...(query !== undefined && { query }) }
      const answer = await api({ method: 'GET', path, query: asked, notFound: noSuchHome(home) })
      print(context, options, answer, PACKAGES, 'Nothing was downloaded.')
    },
  )
}

function packagesPath({ owner, repo }: Home): readonly string[] {
  if (repo !== undefined) return ['packages', owner, repo]
  throw unusable(`Name a repository of ${owner}, like ${owner}/stable, or a token.`)
}

/** Who downloaded a package. */
export function addWhoCommand(usage: Command, context: CliContext): void {
  const command = usage
    .command('who')
    .description('List who downloaded a package, last ones first.')
    .argument('<owner/repo>', 'the repository', parseRepository)
    .argument('<package>', 'name of the package')
    .option('--package-version <version>', 'only this version')
  addApiOptions(addPageOptions(command, 'lines')).action(
    async (
      repository: Repository,
      name: string,
      options: ListOptions & { readonly packageVersion?: string },
    ) => {
      const { owner, repo } = repository
      const { packageVersion: version } = options
      const answer = await connect(
        context,
        options,
      )({
        method: 'GET',
        path: ['usage', owner, repo, 'packages', name],
        query: { ...pageOf(options), ...(version !== undefined && { version }) },
        notFound: noSuchHome(repository),
      })
      print(context, options, answer, DOWNLOADERS, 'Nobody downloaded it, as far as is known.')
    },
  )
}

interface LogOptions extends ApiCommandOptions, PeriodOptions, LogFilter {
  readonly limit: number
}

export interface LogFilter {
  readonly token?: string
  readonly package?: string
  readonly packageVersion?: string
  readonly client?: string
}

export function addFilterOptions(command: Command): Command {
  return addPeriodOptions(command)
    .option('--token <id>', 'only downloads of this token (slug_perm)')
    .option('--package <name>', 'only downloads of this package')
    .option('--package-version <version>', 'only downloads of this version')
    .option('--client <address>', 'only downloads of this client')
}

/** What to tell of, as the API takes it. */
export function filterOf(options: LogFilter & PeriodOptions): Readonly<Record<string, string>> {
  const { token, package: name, packageVersion: version, client } = options
  return {
    ...periodOf(options),
    ...(token !== undefined && { token }),
    ...(name !== undefined && { package: name }),
    ...(version !== undefined && { version }),
    ...(client !== undefined && { client }),
  }
}

/** The latest downloads. */
export function addLogCommand(usage: Command, context: CliContext): void {
  const command = usage
    .command('log')
    .description('List the latest downloads from a repository, newest first.')
    .argument('<owner/repo>', 'the repository', parseRepository)
    .option('--limit <count>', 'how many, at most 500', parsePositive, 30)
  addApiOptions(addFilterOptions(command)).action(async (repository: Repository, options: LogOptions) => {
    const { owner, repo } = repository
    if (options.limit > 500) throw unusable('At most 500 at once; postern usage export gives all of them.')
    const answer = await connect(
      context,
      options,
    )({
      method: 'GET',
      path: ['downloads', owner, repo],
      query: { page_size: options.limit, ...filterOf(options) },
      notFound: noSuchHome(repository),
    })
    print(context, options, answer, LOG, 'No download is like that.')
  })
}

interface Listed {
  readonly body: unknown
  readonly count: number
  readonly pages: number
}

function print(
  context: CliContext,
  options: ApiCommandOptions & Partial<ListOptions>,
  { body, count, pages }: Listed,
  columns: readonly Column<JsonFields>[],
  nothing: string,
): void {
  if (options.json) return printJson(context, body)
  const rows = readList(body).map(readFields)
  const { page = 1 } = options
  const { stdout, stderr } = context
  if (rows.length === 0) {
    stderr.write(emptyPage(page, count, nothing))
    return
  }
  stdout.write(renderTable(rows, columns, tableOptionsFor(context)))
  if (page < pages) stderr.write(`Page ${page} of ${pages}, ${count} in all; --page ${page + 1} goes on.\n`)
}

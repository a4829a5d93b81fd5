import { InvalidArgumentError, Option, type Command } from 'commander'
import { REPOSITORY_PATTERN } from '../config/names.ts'
import { counted } from '../text/counted.ts'
import type { ApiClient } from './api-client.ts'
import { followAudit } from './audit-follow.ts'
import { createAuditRoll, renderAudit } from './audit-view.ts'
import {
  addApiOptions,
  addPageOptions,
  connect,
  pageOf,
  printJson,
  type ApiCommandOptions,
  type PageOptions,
} from './command-options.ts'
import type { CliContext } from './dependencies.ts'
import { unusable } from './errors.ts'
import { readList } from './json-fields.ts'
import { emptyPage, type ListQuery } from './lists.ts'
import { isDuration, readInstant } from './setting-values.ts'
import { tableOptionsFor } from './table.ts'

interface AuditOptions extends ApiCommandOptions, PageOptions {
  readonly since?: string
  readonly until?: string
  readonly token?: string
  readonly actor?: string
  readonly event?: string
  readonly details?: true
  readonly follow?: true
}

const HELP = `
Examples:
  postern audit acme/stable --since 7d
  postern audit --actor Operations --event repo.entitlement.deleted --details
  postern audit --token 01JD0000000000000000000001 --json
  postern audit acme --follow --since 1h

With --follow, lines come oldest first: those since --since, if it is given,
and then every new one, looked for every two seconds until Ctrl-C. With --json
each is a line of JSON.
`

/** `postern audit`: who changed what, over the management API. */
export function addAuditCommand(program: Command, context: CliContext): void {
  const command = program
    .command('audit')
    .description('List who changed what, newest first, over the management API.')
    .argument('[place]', 'only this owner or owner/repo', parsePlace)
    .option('--since <when>', 'only from then on: 7d, 12h or an instant like 2030-01-31', parseWhen)
    .option('--until <when>', 'only from before then', parseWhen)
    .option('--token <id>', 'only about the token (or key, or webhook) with this id')
    .option('--actor <key>', 'only by the key of this id or name')
    .option('--event <name>', 'only of this kind, like repo.entitlement.updated')
    .option('--details', 'with the fields that changed, before and after')
    .addOption(
      new Option('-f, --follow', 'print new lines as they come, until Ctrl-C').conflicts([
        'until',
        'page',
        'pageSize',
      ]),
    )
    .addHelpText('after', HELP)
  addApiOptions(addPageOptions(command, 'lines')).action(
    async (place: readonly string[] | undefined, options: AuditOptions) => {
      const api = connect(context, options)
      const asked = { path: ['audit-log', ...(place ?? [])], query: filterOf(context, options) }
      await (options.follow ? follow : listAudit)(context, api, asked, options)
    },
  )
}

function filterOf({ clock }: CliContext, options: AuditOptions): ListQuery {
  const { since, until, token, actor, event } = options
  const instantOf = (when: string): string => readBound(when, clock())
  return {
    ...(since === undefined ? {} : { since: instantOf(since) }),
    ...(until === undefined ? {} : { until: instantOf(until) }),
    ...(token === undefined ? {} : { object: token }),
    ...(actor === undefined ? {} : { actor }),
    ...(event === undefined ? {} : { event }),
  }
}

/** Which lines are wanted. */
interface Asked {
  readonly path: readonly string[]
  readonly query: ListQuery
}

function viewOptions(context: CliContext, { details }: AuditOptions): Parameters<typeof createAuditRoll>[0] {
  return { ...tableOptionsFor(context), withDetails: details === true }
}

function follow(context: CliContext, api: ApiClient, asked: Asked, options: AuditOptions): Promise<void> {
  const roll = createAuditRoll(viewOptions(context, options))
  const jsonLines = (entries: readonly unknown[]): string =>
    entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  const written = options.json ? jsonLines : roll
  return followAudit(context, api, { ...asked, print: (entries) => context.stdout.write(written(entries)) })
}

async function listAudit(
  context: CliContext,
  api: ApiClient,
  { path, query }: Asked,
  options: AuditOptions,
): Promise<void> {
  const { page } = options
  const answer = await api({ method: 'GET', path, query: { ...pageOf(options), ...query } })
  const { body, count, pages } = answer
  if (options.json) return printJson(context, body)
  const entries = readList(body)
  const { stdout, stderr } = context
  if (entries.length === 0) {
    stderr.write(emptyPage(page, count, 'There is no such line.', 'line'))
    return
  }
  stdout.write(renderAudit(entries, viewOptions(context, options)))
  if (page < pages)
    stderr.write(
      `Page ${page} of ${pages}, ${counted(count, 'line')} in all; --page ${page + 1} shows more.\n`,
    )
}

function parsePlace(text: string): readonly string[] {
  const isPlace = new RegExp(REPOSITORY_PATTERN).test(text.includes('/') ? text : `${text}/any`)
  if (!isPlace) throw new InvalidArgumentError('It must be an owner or owner/repo, like acme or acme/stable.')
  return text.split('/')
}

/** Checked here, turned into an instant when the clock is at hand. */
function parseWhen(text: string): string {
  if (Number.isNaN(Date.parse(text)) && !isDuration(text)) {
    throw new InvalidArgumentError('It must be a date, an instant or a time ago, like 2030-12-31 or 7d.')
  }
  return text
}

function readBound(text: string, now: number): string {
  const instant = readInstant(text, now, 'before')
  if (instant === undefined) throw unusable(`${text} is too long ago.`)
  return instant
}

import { InvalidArgumentError, type Command } from 'commander'
import { REPOSITORY_PATTERN } from '../config/names.ts'
import { renderAudit } from './audit-view.ts'
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
import { readDuration, readInstant } from './setting-values.ts'
import { tableOptionsFor } from './table.ts'

interface AuditOptions extends ApiCommandOptions, PageOptions {
  readonly since?: string
  readonly until?: string
  readonly token?: string
  readonly actor?: string
  readonly event?: string
  readonly details?: true
}

const HELP = `
Examples:
  postern audit acme/stable --since 7d
  postern audit --actor Operations --event repo.entitlement.deleted --details
  postern audit --token 01JD0000000000000000000001 --json
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
    .addHelpText('after', HELP)
  addApiOptions(addPageOptions(command, 'lines')).action(
    (place: readonly string[] | undefined, options: AuditOptions) => listAudit(context, place ?? [], options),
  )
}

async function listAudit(
  context: CliContext,
  place: readonly string[],
  options: AuditOptions,
): Promise<void> {
  const { page, since, until, token, actor, event } = options
  const instantOf = (when: string): string => readBound(when, context.clock())
  const { body, count, pages } = await connect(
    context,
    options,
  )({
    method: 'GET',
    path: ['audit-log', ...place],
    query: {
      ...pageOf(options),
      ...(since === undefined ? {} : { since: instantOf(since) }),
      ...(until === undefined ? {} : { until: instantOf(until) }),
      ...(token === undefined ? {} : { object: token }),
      ...(actor === undefined ? {} : { actor }),
      ...(event === undefined ? {} : { event }),
    },
  })
  if (options.json) return printJson(context, body)
  const entries = readList(body)
  const { stdout, stderr } = context
  if (entries.length === 0) {
    stderr.write(
      count > 0 ? `Page ${page} is empty; there are ${count} lines in all.\n` : 'There is no such line.\n',
    )
    return
  }
  stdout.write(renderAudit(entries, { ...tableOptionsFor(context), withDetails: options.details === true }))
  if (page < pages)
    stderr.write(`Page ${page} of ${pages}, ${count} lines in all; --page ${page + 1} shows more.\n`)
}

function parsePlace(text: string): readonly string[] {
  const isPlace = new RegExp(REPOSITORY_PATTERN).test(text.includes('/') ? text : `${text}/any`)
  if (!isPlace) throw new InvalidArgumentError('It must be an owner or owner/repo, like acme or acme/stable.')
  return text.split('/')
}

/** Checked here, turned into an instant when the clock is at hand. */
function parseWhen(text: string): string {
  if (Number.isNaN(Date.parse(text))) readDuration(text)
  return text
}

function readBound(text: string, now: number): string {
  const instant = readInstant(text, now, 'before')
  if (instant === undefined) throw unusable(`${text} is too long ago.`)
  return instant
}

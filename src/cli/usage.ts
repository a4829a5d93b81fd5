import { Option, type Command } from 'commander'
import { formatBytes } from '../text/bytes.ts'
import { renderBars } from './chart.ts'
import {
  addApiOptions,
  connect,
  formatHome,
  parseHome,
  printJson,
  type ApiCommandOptions,
  type Home,
} from './command-options.ts'
import type { CliContext } from './dependencies.ts'
import { findToken, noSuchHome, tokenPath } from './find-token.ts'
import { readFields } from './json-fields.ts'
import { renderFacts } from './table.ts'
import { clean, signsFor } from './text.ts'
import { addExportCommand } from './usage-export.ts'
import { addClientsCommand, addLogCommand, addPackagesCommand, addWhoCommand } from './usage-lists.ts'
import { addPeriodOptions, periodOf, type PeriodOptions } from './usage-period.ts'

interface UsageOptions extends ApiCommandOptions, PeriodOptions {
  readonly interval: 'hour' | 'day'
  readonly bandwidth?: true
}

const HELP = `
Examples:
  postern usage acme/stable
  postern usage acme/stable "Example Ltd" --interval hour
  postern usage who acme/stable widget --package-version 1.2.0
  postern usage export acme/stable --format csv --output downloads.csv
`

/** `postern usage …`: what was used, by whom and when, over the management API. */
export function addUsageCommand(program: Command, context: CliContext): void {
  const usage = program
    .command('usage')
    .description('Show what was used, by whom and when, over the management API.')
    .argument('<owner[/repo]>', 'the repository, or an owner', parseHome)
    .argument('[id]', 'id (slug_perm) or unique name of a token; none: all of them together')
    .addOption(
      new Option('--interval <length>', 'how long each bar is').choices(['hour', 'day']).default('day'),
    )
    .option('--bandwidth', 'draw bytes, not downloads')
    .addHelpText('after', HELP)
    .enablePositionalOptions()
  addApiOptions(addPeriodOptions(usage)).action((home: Home, id: string | undefined, options: UsageOptions) =>
    id === undefined ? showAll(context, home, options) : showToken(context, home, id, options),
  )
  addClientsCommand(usage, context)
  addPackagesCommand(usage, context)
  addWhoCommand(usage, context)
  addLogCommand(usage, context)
  addExportCommand(usage, context)
}

async function showAll(context: CliContext, home: Home, options: UsageOptions): Promise<void> {
  const { owner, repo } = home
  const api = connect(context, options)
  const read = async (...path: readonly string[]): Promise<unknown> => {
    const notFound = noSuchHome(home)
    return (await api({ method: 'GET', path: ['metrics', ...path], query: periodOf(options), notFound })).body
  }
  const tokens = await read('entitlements', owner, ...(repo === undefined ? [] : [repo]))
  // Of packages there are figures for each repository only.
  const packages = repo === undefined ? {} : await read('packages', owner, repo)
  if (options.json) return printJson(context, { ...Object(tokens), ...Object(packages) })
  const facts = [
    ...factsOf('token', readFields(tokens).raw('tokens')),
    ...(repo === undefined ? [] : factsOf('package', readFields(packages).raw('packages'))),
  ]
  context.stdout.write(`${formatHome(home)}\n${renderFacts(facts)}`)
}

function factsOf(what: string, metrics: unknown): (readonly [string, string])[] {
  const fields = readFields(metrics)
  const value = (group: string, name: string): number =>
    readFields(readFields(fields.raw(group)).raw(name)).number('value') ?? 0
  const range = (group: string, show: (count: number) => string): string => {
    const [total, lowest, highest] = ['total', 'lowest', 'highest'].map((name) => value(group, name))
    return `${show(total ?? 0)} in all, ${show(lowest ?? 0)} to ${show(highest ?? 0)} for each such ${what}`
  }
  return [
    [`${what}s`, `${fields.number('active') ?? 0} of ${fields.number('total') ?? 0} with downloads`],
    ['downloads', range('downloads', String)],
    ['sent', range('bandwidth', formatBytes)],
  ]
}

async function showToken(context: CliContext, home: Home, id: string, options: UsageOptions): Promise<void> {
  const api = connect(context, options)
  const token = await findToken(api, home, id)
  const query = { interval: options.interval, ...periodOf(options) }
  const path = tokenPath(home, token, 'usage')
  const { body } = await api({ method: 'GET', path, query })
  if (options.json) return printJson(context, body)
  const { stdout, environment } = context
  const fields = readFields(body)
  const bars = fields.list('buckets').map((bucket) => barOf(bucket, options))
  const { bar: parts } = signsFor(stdout, environment.variables)
  const chart = renderBars(bars, { width: stdout.columns ?? 80, parts })
  stdout.write(`${token.name}\n\n${chart}\n${renderFacts(totalsOf(fields.raw('total')))}`)
}

function barOf(bucket: unknown, { interval, bandwidth }: UsageOptions) {
  const fields = readFields(bucket)
  const start = fields.text('start') ?? ''
  const value = fields.number(bandwidth ? 'bandwidth' : 'downloads') ?? 0
  const label = interval === 'day' ? start.slice(0, 10) : start.slice(0, 16).replace('T', ' ')
  return { label, value, text: bandwidth ? formatBytes(Math.max(0, value)) : String(value) }
}

function totalsOf(total: unknown): (readonly [string, string])[] {
  const fields = readFields(total)
  const refusals = readFields(fields.raw('refusals') ?? {})
  const codes = Object.keys(Object(fields.raw('refusals')))
  return [
    ['downloads', String(fields.number('downloads') ?? 0)],
    ['sent', formatBytes(fields.number('bandwidth') ?? 0)],
    ['clients', String(fields.number('clients') ?? 0)],
    ...codes.map((code) => [`refused: ${clean(code)}`, String(refusals.number(code) ?? 0)] as const),
  ]
}

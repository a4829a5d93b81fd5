import type { Command } from 'commander'
import { EVENT_TYPES } from '../policy/event-type.ts'
import {
  addApiOptions,
  connect,
  parsePositive,
  printJson,
  type ApiCommandOptions,
} from './command-options.ts'
import { confirm } from './confirm.ts'
import type { CliContext } from './dependencies.ts'
import { unusable } from './errors.ts'
import { readFields, readList } from './json-fields.ts'
import { emptyPage } from './lists.ts'
import { readYesNo } from './setting-values.ts'
import { tableOptionsFor } from './table.ts'
import { clean, NOTHING, wrap } from './text.ts'
import { renderDeliveries, renderWebhook, renderWebhooks } from './webhook-view.ts'

const EVENTS = wrap(Object.keys(EVENT_TYPES).join(', '), 76).join('\n  ')

const HELP = `
Events:
  ${EVENTS}

Examples:
  postern webhooks create acme https://hooks.example.com/postern --events token.expiring,limit.reached
  postern webhooks ping acme 01JD0000000000000000000001
  postern webhooks deliveries acme 01JD0000000000000000000001 --state dead
`

/** By the names that the API gives its fields. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['target_url', '--url'],
  ['events', '--events'],
  ['repositories', '--repositories'],
  ['is_active', '--active'],
])
const CREATION_FLAGS: ReadonlyMap<string, string> = new Map([...FLAGS, ['target_url', '<url>']])

/** `postern webhooks …`: who is told what happens to tokens, over the management API. */
export function addWebhooksCommand(program: Command, context: CliContext): void {
  const webhooks = program
    .command('webhooks')
    .description('Make, list, change and delete webhooks, and see what was sent, over the management API.')
    .addHelpText('after', HELP)
  addList(webhooks, context)
  addShow(webhooks, context)
  addCreate(webhooks, context)
  addUpdate(webhooks, context)
  addDelete(webhooks, context)
  addPing(webhooks, context)
  addDeliveries(webhooks, context)
  addResend(webhooks, context)
}

function addList(webhooks: Command, context: CliContext): void {
  const command = webhooks
    .command('list')
    .alias('ls')
    .description('List the webhooks of an owner.')
    .argument('<owner>')
  addApiOptions(command).action(async (owner: string, options: ApiCommandOptions) => {
    const { body } = await connect(
      context,
      options,
    )({ method: 'GET', path: ['webhooks', owner], notFound: noOwner(owner) })
    if (options.json) return printJson(context, body)
    const entries = readList(body)
    if (entries.length === 0) context.stderr.write(`${owner} has no webhooks.\n`)
    else context.stdout.write(renderWebhooks(entries, tableOptionsFor(context)))
  })
}

function addShow(webhooks: Command, context: CliContext): void {
  const command = webhooks
    .command('show')
    .description('Show one webhook.')
    .argument('<owner>')
    .argument('<id>')
  addApiOptions(command).action(async (owner: string, id: string, options: ApiCommandOptions) => {
    const path = ['webhooks', owner, id]
    const { body } = await connect(context, options)({ method: 'GET', path, notFound: noWebhook(owner) })
    printWebhook(context, body, options)
  })
}

interface SettingOptions extends ApiCommandOptions {
  readonly events?: readonly string[]
  readonly repositories?: readonly string[]
  readonly url?: string
  readonly active?: boolean
  readonly rotateSecret?: true
}

function addSettings(command: Command): Command {
  return command
    .option(
      '--events <names>',
      'events to send, between commas; * for all (postern webhooks --help lists them)',
      parseList,
    )
    .option('--repositories <globs>', 'only about repositories like these, between commas', parseList)
}

function addCreate(webhooks: Command, context: CliContext): void {
  const command = webhooks
    .command('create')
    .description('Make a webhook. Its secret is shown this once.')
    .argument('<owner>')
    .argument('<url>', 'where to send to, like https://example.com/hooks')
  addApiOptions(addSettings(command)).action(async (owner: string, url: string, options: SettingOptions) => {
    const body = { target_url: url, ...settingsOf(options) }
    const answer = await connect(
      context,
      options,
    )({ method: 'POST', path: ['webhooks', owner], body, flags: CREATION_FLAGS, notFound: noOwner(owner) })
    printWebhook(context, answer.body, options)
  })
}

function addUpdate(webhooks: Command, context: CliContext): void {
  const command = webhooks
    .command('update')
    .description('Change a webhook.')
    .argument('<owner>')
    .argument('<id>')
    .option('--url <url>', 'another target')
    .option('--active <yes|no>', 'no: send nothing', readYesNo)
    .option('--rotate-secret', 'make a new secret and show it once')
  addApiOptions(addSettings(command)).action(async (owner: string, id: string, options: SettingOptions) => {
    const body = {
      ...settingsOf(options),
      ...(options.url === undefined ? {} : { target_url: options.url }),
      ...(options.active === undefined ? {} : { is_active: options.active }),
      ...(options.rotateSecret ? { rotate_secret: true } : {}),
    }
    if (Object.keys(body).length === 0)
      throw unusable('Nothing to change. Name something to set, such as --active no.')
    const answer = await connect(
      context,
      options,
    )({ method: 'PATCH', path: ['webhooks', owner, id], body, flags: FLAGS, notFound: noWebhook(owner) })
    printWebhook(context, answer.body, options)
  })
}

function settingsOf({ events, repositories }: SettingOptions): Record<string, unknown> {
  return {
    ...(events === undefined ? {} : { events }),
    ...(repositories === undefined ? {} : { repositories }),
  }
}

interface DeleteOptions extends ApiCommandOptions {
  readonly yes?: true
}

function addDelete(webhooks: Command, context: CliContext): void {
  const command = webhooks
    .command('delete')
    .description('Delete a webhook, and what was still to be sent to it.')
    .alias('rm')
    .argument('<owner>')
    .argument('<id>')
    .option('-y, --yes', 'do not ask')
  addApiOptions(command).action(async (owner: string, id: string, options: DeleteOptions) => {
    const api = connect(context, options)
    const [path, notFound] = [['webhooks', owner, id], noWebhook(owner)]
    const { text } = readFields((await api({ method: 'GET', path, notFound })).body)
    const name = `${clean(text('target_url') ?? NOTHING)} (${clean(id)})`
    await confirm(context, options, `Delete the webhook to ${name}? What was still to be sent to it is lost.`)
    await api({ method: 'DELETE', path, notFound })
    if (options.json) printJson(context, { slug_perm: id, deleted: true })
    else context.stdout.write(`Deleted the webhook to ${name}.\n`)
  })
}

function addPing(webhooks: Command, context: CliContext): void {
  const command = webhooks.command('ping').description('Send a trial.').argument('<owner>').argument('<id>')
  addApiOptions(command).action(async (owner: string, id: string, options: ApiCommandOptions) => {
    const path = ['webhooks', owner, id, 'ping']
    const { body } = await connect(context, options)({ method: 'POST', path, notFound: noWebhook(owner) })
    if (options.json) return printJson(context, body)
    context.stdout.write(`It is on its way; see postern webhooks deliveries ${owner} ${id}.\n`)
  })
}

interface DeliveriesOptions extends ApiCommandOptions {
  readonly state?: string
  readonly page: number
}

function addDeliveries(webhooks: Command, context: CliContext): void {
  const command = webhooks
    .command('deliveries')
    .description('List what was and will be sent to a webhook, newest first.')
    .argument('<owner>')
    .argument('<id>')
    .option('--state <state>', 'only waiting, delivered or dead ones')
    .option('--page <number>', 'which page', parsePositive, 1)
  addApiOptions(command).action(async (owner: string, id: string, options: DeliveriesOptions) => {
    const { page, state } = options
    const answer = await connect(
      context,
      options,
    )({
      method: 'GET',
      path: ['webhooks', owner, id, 'deliveries'],
      query: { page, ...(state === undefined ? {} : { state }) },
      notFound: noWebhook(owner),
    })
    if (options.json) return printJson(context, answer.body)
    const entries = readList(answer.body)
    if (entries.length === 0)
      context.stderr.write(emptyPage(page, answer.count, 'There is no such delivery.'))
    else context.stdout.write(renderDeliveries(entries, tableOptionsFor(context)))
    if (page < answer.pages)
      context.stderr.write(`Page ${page} of ${answer.pages}; --page ${page + 1} shows more.\n`)
  })
}

function addResend(webhooks: Command, context: CliContext): void {
  const command = webhooks
    .command('resend')
    .description('Send a delivery again.')
    .argument('<owner>')
    .argument('<id>', 'id of the webhook')
    .argument('<delivery>', 'id of the delivery')
  addApiOptions(command).action(
    async (owner: string, id: string, delivery: string, options: ApiCommandOptions) => {
      const { body } = await connect(
        context,
        options,
      )({
        method: 'POST',
        path: ['webhooks', owner, id, 'deliveries', delivery, 'resend'],
        notFound: `There is no such delivery. See postern webhooks deliveries ${owner} ${id}.`,
      })
      if (options.json) return printJson(context, body)
      context.stdout.write('It is on its way again.\n')
    },
  )
}

function printWebhook(context: CliContext, body: unknown, { json }: ApiCommandOptions): void {
  if (json) return printJson(context, body)
  context.stdout.write(renderWebhook(readFields(body)))
}

function parseList(text: string): readonly string[] {
  return text.split(',').map((each) => each.trim())
}

function noOwner(owner: string): string {
  return `There is no repository of ${owner}. The configuration names those there are: postern check-config.`
}

function noWebhook(owner: string): string {
  return `${owner} has no such webhook. See postern webhooks list ${owner}.`
}

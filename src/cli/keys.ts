import { Option, type Command } from 'commander'
import { ROLES } from '../policy/roles.ts'
import { readKey, type ApiKey } from './api-key.ts'
import { addApiOptions, connect, printJson, type ApiCommandOptions } from './command-options.ts'
import { confirm } from './confirm.ts'
import type { CliContext } from './dependencies.ts'
import { unusable } from './errors.ts'
import { findKey, keyPath, listAllKeys } from './find-key.ts'
import { renderKey, renderKeys } from './key-view.ts'
import { readInstant } from './setting-values.ts'
import { tableOptionsFor } from './table.ts'

/** By the names that the API gives its fields. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['name', '--name'],
  ['role', '--role'],
  ['repositories', '--repo'],
  ['expires_at', '--expires'],
])

interface SettingOptions extends ApiCommandOptions {
  readonly name?: string
  readonly role?: string
  readonly repo?: readonly string[]
  readonly expires?: string
}

interface EndOptions extends ApiCommandOptions {
  readonly yes?: true
}

/** `postern keys …`: keys of the management API, over the management API. */
export function addKeysCommand(program: Command, context: CliContext): void {
  const keys = program
    .command('keys')
    .description('Make, list, change and revoke keys of the management API, over the management API.')
    .addHelpText('after', HELP)
  addCreateCommand(keys, context)
  addListCommand(keys, context)
  addShowCommand(keys, context)
  addUpdateCommand(keys, context)
  addRotateCommand(keys, context)
  addRevokeCommand(keys, context)
}

const HELP = `
Roles:
  admin         everything in its repositories; over '*/*' also keys and explain
  entitlements  nothing but tokens
  viewer        sees tokens, without their secrets, and what they used
  metrics       sees figures only

Examples:
  postern keys create --name ci --role entitlements --repo 'acme/*' --expires 90d
  postern keys list
  postern keys revoke ci
`

function addCreateCommand(keys: Command, context: CliContext): void {
  const command = keys
    .command('create')
    .description('Make a key and show it, this once.')
    .requiredOption('--name <name>', 'what or whom it is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .addOption(repoOption().makeOptionMandatory())
    .option('--expires <when>', 'an instant, or a time from now such as 90d (default: never)')
  addApiOptions(command).action(async (options: SettingOptions) => {
    const api = connect(context, options)
    const body = { role: options.role, ...settingsOf(context, options) }
    const answer = await api({ method: 'POST', path: keyPath(), body, flags: FLAGS })
    printNewKey(context, answer.body, options)
  })
}

function addListCommand(keys: Command, context: CliContext): void {
  const command = keys
    .command('list')
    .alias('ls')
    .description('List the keys that work.')
    .option('--all', 'also those that are revoked or expired')
  addApiOptions(command).action(async (options: ApiCommandOptions & { readonly all?: true }) => {
    const found = await listAllKeys(connect(context, options), options.all ? {} : { active: true })
    if (options.json) return printJson(context, found)
    if (found.length === 0) {
      context.stderr.write('There are no keys but that of the environment (POSTERN_ADMIN_KEY).\n')
      return
    }
    const view = { now: context.clock(), withState: options.all === true, ...tableOptionsFor(context) }
    context.stdout.write(renderKeys(found.map(readKey), view))
  })
}

function addShowCommand(keys: Command, context: CliContext): void {
  const command = onKey(keys, 'show', 'Show one key: what it may do, where and until when.')
  addApiOptions(command).action(async (name: string, options: ApiCommandOptions) => {
    const api = connect(context, options)
    const { id } = await findKey(api, name)
    printKey(context, (await api({ method: 'GET', path: keyPath(id) })).body, options)
  })
}

function addUpdateCommand(keys: Command, context: CliContext): void {
  const command = onKey(
    keys,
    'update',
    'Change a key. What is not named stays as it is, and so does the role.',
  )
    .option('--name <name>', 'what or whom it is for')
    .addOption(repoOption())
    .option('--expires <when>', 'an instant, a time from now such as 90d, or none')
  addApiOptions(command).action(async (name: string, options: SettingOptions) => {
    const body = settingsOf(context, options)
    if (Object.keys(body).length === 0) {
      throw unusable('Nothing to change. Name something to set, such as --expires 90d.')
    }
    const api = connect(context, options)
    const { id } = await findKey(api, name)
    const answer = await api({ method: 'PATCH', path: keyPath(id), body, flags: FLAGS })
    printKey(context, answer.body, options)
  })
}

function addRotateCommand(keys: Command, context: CliContext): void {
  const command = onKey(
    keys,
    'rotate',
    'Replace a key by a new one with the same rights, and show it. The old one stops working at once.',
  ).option('-y, --yes', 'do not ask')
  addApiOptions(command).action(async (name: string, options: EndOptions) => {
    const api = connect(context, options)
    const key = await findKey(api, name)
    await confirm(context, options, `Replace ${naming(key)}? The old one stops working at once.`)
    printNewKey(context, (await api({ method: 'POST', path: keyPath(key.id, 'rotate') })).body, options)
  })
}

function addRevokeCommand(keys: Command, context: CliContext): void {
  const command = onKey(
    keys,
    'revoke',
    'End a key for good. It stops working at once; its record stays.',
  ).option('-y, --yes', 'do not ask')
  addApiOptions(command).action(async (name: string, options: EndOptions) => {
    const api = connect(context, options)
    const key = await findKey(api, name)
    await confirm(context, options, `Revoke ${naming(key)}? It stops working at once.`)
    await api({ method: 'DELETE', path: keyPath(key.id) })
    if (options.json) printJson(context, { slug_perm: key.id, revoked: true })
    else context.stdout.write(`Revoked ${naming(key)}.\n`)
  })
}

function onKey(keys: Command, name: string, description: string): Command {
  return keys.command(name).description(description).argument('<id>', 'id or unique name of the key')
}

function repoOption(): Option {
  const description = `repositories it may be used for: owner/repo, with * and ?; '*/*' for all; may be repeated`
  return new Option('--repo <glob>', description).argParser<readonly string[]>((glob, before = []) => [
    ...before,
    glob,
  ])
}

function settingsOf(context: CliContext, { name, repo, expires }: SettingOptions): Record<string, unknown> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(repo === undefined ? {} : { repositories: repo }),
    ...(expires === undefined ? {} : { expires_at: readEnd(expires, context.clock()) }),
  }
}

function readEnd(text: string, now: number): string | null {
  if (text === 'none') return null
  const end = readInstant(text, now, 'after')
  if (end === undefined) throw unusable('--expires is too far away; none means never.')
  return end
}

function printNewKey(context: CliContext, body: unknown, options: ApiCommandOptions): void {
  printKey(context, body, options)
  if (!options.json) context.stderr.write('\nKeep the key now: it is not shown again.\n')
}

function printKey(context: CliContext, body: unknown, { json }: ApiCommandOptions): void {
  if (json) printJson(context, body)
  else context.stdout.write(renderKey(readKey(body), context.clock()))
}

function naming({ name, id }: ApiKey): string {
  return `"${name}" (${id})`
}

import { Option, type Command } from 'commander'
import { FORMATS } from '../policy/formats.ts'
import type { Format } from '../policy/types.ts'
import type { ApiClient } from './api-client.ts'
import { readToken } from './api-token.ts'
import {
  addApiOptions,
  connect,
  parseRepository,
  printJson,
  type ApiCommandOptions,
  type Repository,
} from './command-options.ts'
import type { CliContext } from './dependencies.ts'
import { refused, unusable } from './errors.ts'
import { findToken, noSuchHome, TOKEN_ID, tokenPath } from './find-token.ts'
import { readFields, unexpected } from './json-fields.ts'
import { placeOf } from '../snippets/place.ts'
import { FORMS, SNIPPETS, type Form, type Snippet } from '../snippets/snippets.ts'

interface SetupOptions extends ApiCommandOptions {
  readonly format?: Format
  readonly form: Form
  readonly url?: string
  readonly showSecret?: true
}

export function addSetupCommand(tokens: Command, context: CliContext): void {
  const command = tokens
    .command('setup')
    .description("Print what a customer writes into the tools of the repository's format.")
    .argument('<owner/repo>', 'the repository', parseRepository)
    .argument('<id>', TOKEN_ID)
    .addOption(
      new Option('--format <format>', 'for these tools (default: those of the repository)').choices(FORMATS),
    )
    .addOption(
      new Option('--form <form>', 'the secret as a password, or in the path of each URL')
        .choices(FORMS)
        .default('basic'),
    )
    .option('--url <url>', 'how customers reach the gate (default: public_url of the configuration)')
    .option('--show-token, --show-secret', 'write the secret, not asterisks')
  addApiOptions(command).action((repository: Repository, id: string, options: SetupOptions) =>
    printSetup(context, repository, id, options),
  )
}

async function printSetup(
  context: CliContext,
  repository: Repository,
  id: string,
  options: SetupOptions,
): Promise<void> {
  const api = connect(context, options)
  const served = await readServed(api, repository)
  const format = options.format ?? served.format
  const write = SNIPPETS[format][options.form]
  if (format !== served.format)
    throw refused(
      `${repository.owner}/${repository.repo} is a repository of the format ${served.format}, not ${format}.`,
    )
  if (write === null) throw refused(`Clients of the format ${format} can only log in: --form basic.`)
  const secret = await readSecret(api, repository, id, options.showSecret === true)
  const place = placeOf(
    readUrl(options.url, repository) ?? served.url,
    repository.owner,
    secret,
    options.form,
  )
  const snippets = write(place)
  if (options.json) return printJson(context, { format, form: options.form, snippets })
  context.stdout.write(snippets.map(render).join('\n'))
  if (options.showSecret !== true) {
    context.stderr.write('The secret is not shown; --show-secret writes it.\n')
  }
}

/** Asterisks unless it is to be shown. */
async function readSecret(
  api: ApiClient,
  repository: Repository,
  id: string,
  isShown: boolean,
): Promise<string> {
  const path = await findPath(api, repository, id)
  const { body } = await api({ method: 'GET', path, query: { show_tokens: isShown } })
  return readToken(body).secret
}

/** Of a token of the repository, or of one that belongs to its owner. */
async function findPath(api: ApiClient, repository: Repository, id: string): Promise<readonly string[]> {
  try {
    return tokenPath(repository, await findToken(api, repository, id))
  } catch (error) {
    const home = { owner: repository.owner, repo: undefined }
    const token = await findToken(api, home, id).catch(() => undefined)
    if (token === undefined || token.repository !== null) throw error
    return tokenPath(home, token)
  }
}

interface ServedRepository {
  readonly format: Format
  /** Where a password is sent, with a slash at its end. */
  readonly url: string
}

async function readServed(api: ApiClient, repository: Repository): Promise<ServedRepository> {
  const { owner, repo } = repository
  const { body } = await api({
    method: 'GET',
    path: ['repos', owner, repo],
    notFound: noSuchHome(repository),
  })
  const { text } = readFields(body)
  const format = FORMATS.find((each) => each === text('format'))
  const url = text('cdn_url')
  if (format === undefined || url === null) throw unexpected()
  return { format, url }
}

/** `--url`, which knows nothing of hosts that leave names out. */
function readUrl(given: string | undefined, { owner, repo }: Repository): string | undefined {
  if (given === undefined) return undefined
  const url = /^https?:\/\/[A-Za-z0-9._~:/%[\]-]+$/i.test(given) ? URL.parse(given) : null
  if (url === null) throw unusable('--url must be like https://packages.example.com, without credentials.')
  return `${url.href.replace(/\/+$/, '')}/basic/${owner}/${repo}/`
}

function render({ title, text }: Snippet): string {
  const lines = text.split('\n').map((line) => `  ${line}\n`)
  return `${title}:\n\n${lines.join('')}`
}

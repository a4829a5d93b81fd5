import { InvalidArgumentError, type Command } from 'commander'
import { REPOSITORY_PATTERN } from '../config/names.ts'
import { createApiClient, createApiStream, type ApiClient, type ApiStream } from './api-client.ts'
import type { CliContext } from './dependencies.ts'

const DEFAULT_API = 'http://127.0.0.1:8081'

/** Options of every command that asks the management API. */
export interface ApiCommandOptions {
  readonly api?: string
  readonly apiKey?: string
  readonly json?: true
}

export function addApiOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON')
    .option('--api <url>', `URL of the management API (default: POSTERN_API, else ${DEFAULT_API})`)
    .option(
      '--api-key <key>',
      "key of the management API (default: POSTERN_API_KEY, which other users can't see)",
    )
}

export function connect(context: CliContext, options: ApiCommandOptions): ApiClient {
  return createApiClient(whereTo(context, options))
}

/** For what is long. */
export function connectStream(context: CliContext, options: ApiCommandOptions): ApiStream {
  return createApiStream(whereTo(context, options))
}

function whereTo({ fetch, environment, version }: CliContext, options: ApiCommandOptions) {
  return {
    fetch,
    url: options.api ?? environment.apiUrl ?? DEFAULT_API,
    key: options.apiKey ?? environment.apiKey,
    userAgent: `postern/${version}`,
  }
}

export interface Repository {
  readonly owner: string
  readonly repo: string
}

/** Reads the argument OWNER/REPO. */
export function parseRepository(text: string): Repository {
  const [owner = '', repo = ''] = text.split('/')
  if (!new RegExp(REPOSITORY_PATTERN).test(text)) {
    throw new InvalidArgumentError('It must be owner/repo, like acme/stable.')
  }
  return { owner, repo }
}

/** Where tokens are: in a repository, or in all of an owner's and with the owner itself. */
export interface Home {
  readonly owner: string
  readonly repo: string | undefined
}

/** Reads the argument OWNER or OWNER/REPO. */
export function parseHome(text: string): Home {
  if (text.includes('/')) return parseRepository(text)
  if (!new RegExp(REPOSITORY_PATTERN).test(`${text}/x`)) {
    throw new InvalidArgumentError('It must be an owner, like acme, or owner/repo, like acme/stable.')
  }
  return { owner: text, repo: undefined }
}

/** As it was written. */
export function formatHome({ owner, repo }: Home): string {
  return repo === undefined ? owner : `${owner}/${repo}`
}

/** Reads a whole number from 1. */
export function parsePositive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}

/** Which page of a list. */
export interface PageOptions {
  readonly page: number
  readonly pageSize: number
}

/** `entries`: what is on the page. */
export function addPageOptions(command: Command, entries: string): Command {
  return command
    .option('--page <number>', 'which page', parsePositive, 1)
    .option('--page-size <count>', `${entries} on a page, at most 500`, parsePositive, 30)
}

/** The page as the API takes it. */
export function pageOf({ page, pageSize }: PageOptions): {
  readonly page: number
  readonly page_size: number
} {
  return { page, page_size: pageSize }
}

export function printJson({ stdout }: CliContext, value: unknown): void {
  stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

import type { Command } from 'commander'
import { counted } from '../text/counted.ts'
import {
  addApiOptions,
  connect,
  parseRepository,
  printJson,
  type ApiCommandOptions,
  type Repository,
} from './command-options.ts'
import type { CliContext } from './dependencies.ts'
import { readFields, unexpected } from './json-fields.ts'

/** `postern cache …`: the memory for small files, over the management API. */
export function addCacheCommand(program: Command, context: CliContext): void {
  const cache = program
    .command('cache')
    .description('Forget small files that the gate keeps in memory, over the management API.')
  const purge = cache
    .command('purge')
    .description(
      'Forget files, so that the storage is asked for them again: all of them, or those that are named.',
    )
    .argument('[owner/repo]', 'only those of this repository', parseRepository)
    .argument('[path]', 'only this file, or those below this folder of the repository')
    .addHelpText('after', HELP)
  addApiOptions(purge).action(
    (repository: Repository | undefined, path: string | undefined, options: ApiCommandOptions) =>
      purgeCache(context, repository, path, options),
  )
}

const HELP = `
Examples:
  postern cache purge
  postern cache purge acme/stable dists/stable
`

async function purgeCache(
  context: CliContext,
  repository: Repository | undefined,
  path: string | undefined,
  options: ApiCommandOptions,
): Promise<void> {
  const name = repository && `${repository.owner}/${repository.repo}`
  const { body } = await connect(
    context,
    options,
  )({
    method: 'POST',
    path: ['cache', 'purge'],
    body: { ...(name && { repository: name }), ...(path && { path }) },
  })
  if (options.json) return printJson(context, body)
  const purged = readFields(body).number('purged')
  if (purged === null) throw unexpected()
  context.stdout.write(`Forgot ${counted(purged, 'file')}.\n`)
}

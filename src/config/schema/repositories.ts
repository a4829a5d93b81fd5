import { z } from 'zod'
import { accelPrefix, deliver } from '../deliver.ts'
import { eula } from '../eula.ts'
import { failover } from '../failover.ts'
import { REPOSITORY_PATTERN } from '../names.ts'
import { page, type GivenPage } from '../page.ts'
import { bad, good, type Parsed } from '../parsed.ts'
import type { Places } from '../places.ts'
import { s3 } from '../s3.ts'
import { choice, flag, group, wrongType } from '../schema-parts.ts'
import { setup } from '../setup.ts'
import type { Variables } from '../substitute.ts'
import type { EulaConfig, RepositoryConfig } from '../types.ts'
import { upstreams } from '../upstream-list.ts'
import { parseUpstream, type ParsedUpstream } from '../upstream.ts'
import { withStorage } from '../with-storage.ts'
import { format } from './format.ts'

/** What is served. A page is as the file has it. */
export function repositories(
  places: Places,
  variables: Variables,
): z.ZodType<ReadonlyMap<string, NamedRepository>> {
  const repository = group({
    format: format(),
    upstream: upstreams((given) => resolveUpstream(given, places), places),
    failover: failover(),
    s3: s3(places).meta({ description: 'How the bucket of an s3: upstream is reached.' }),
    accel_prefix: accelPrefix(),
    public: flag(false, 'Readable by everybody, at /public/…'),
    cache: z
      .boolean({ error: wrongType('true or false') })
      .optional()
      .meta({
        description: 'Whether its small files are kept in memory. Default: true, but false for a folder.',
      }),
    when_store_fails: choice(['refuse', 'serve_cached']).default('refuse').meta({
      description:
        'Whether tokens that are remembered are served without the store, and their usage is added later.',
    }),
    deliver: deliver(),
    setup: setup(places).meta({ description: 'What the scripts have to know that set up machines.' }),
    page: page(places).meta({ description: 'What customers see of it in a browser. Default: page.' }),
    eula: eula(places).meta({ description: 'What customers have to accept before they get anything.' }),
  }).transform((given, context) => withStorage(given, variables, context))
  return z
    .record(z.string(), repository, { error: wrongType('a group of owner/repo: {format, upstream}') })
    .transform((all) => new Map(Object.entries(all).map(([name, given]) => [name, named(name, given)])))
    .meta({ description: 'What is served, by owner/repo.', propertyNames: { pattern: REPOSITORY_PATTERN } })
}

function resolveUpstream(given: string, places: Places): Parsed<ParsedUpstream> {
  const parsed = parseUpstream(given)
  if (!parsed.ok || parsed.value.kind !== 'files') return parsed
  const directory = places.resolve(parsed.value.directory)
  if (!places.isDirectory(directory)) return bad(`names no existing folder; there is none at ${directory}`)
  return good({ kind: 'files', directory })
}

/** A repository whose page is as the file has it. */
export type NamedRepository = Omit<RepositoryConfig, 'page'> & { readonly page: GivenPage }

type GivenRepository = Omit<
  NamedRepository,
  'owner' | 'repo' | 'accelPrefix' | 'cache' | 'whenStoreFails' | 'eula'
> & {
  readonly eula?: EulaConfig | undefined
  readonly accel_prefix?: string | undefined
  readonly cache?: boolean | undefined
  readonly when_store_fails: RepositoryConfig['whenStoreFails']
}

/** A folder is asked quickly and has no word on how long its files are current: there the memory is only for who wants it. */
function named(name: string, given: GivenRepository): NamedRepository {
  const [owner = '', repo = ''] = name.split('/')
  const { when_store_fails: whenStoreFails, accel_prefix: prefix, ...rest } = given
  const isFolder = [given.upstream, ...given.mirrors].every(({ kind }) => kind === 'files')
  const cache = given.cache ?? !isFolder
  const placed = { owner, repo, accelPrefix: prefix ?? `/postern-internal/${name}/` }
  return { ...placed, ...rest, cache, whenStoreFails, eula: given.eula ?? null }
}

import { z } from 'zod'
import { json, type Answer } from './answer.ts'
import { invalid } from './errors.ts'
import { fieldErrorsOf } from './field-errors.ts'
import { objectNoteOf } from './note.ts'
import type { AdminOptions } from './options.ts'
import type { Call, Route } from './routes.ts'

const LONGEST = 8_192

interface PurgeBody {
  readonly repository?: string | null | undefined
  readonly path?: string | null | undefined
}

export const PURGE_BODY: z.ZodType<PurgeBody> = z.strictObject(
  {
    repository: z.string('This must be owner/repo.').nullish(),
    path: z
      .string('This must be a path in the repository.')
      .max(LONGEST, `At most ${LONGEST} characters are allowed.`)
      .nullish(),
  },
  'There is no such field.',
)

/** `POST /cache/purge/`: forgets small files that are kept in memory. Without any field all of them. */
export function cacheRoute(options: AdminOptions): Route {
  const { store, repositories, purgeCache } = options
  return {
    path: '/cache/purge',
    methods: {
      POST: { needs: { can: 'cache:purge', where: 'body' }, handle },
    },
  }

  function handle(call: Call): Answer | Promise<Answer> {
    const parsed = PURGE_BODY.safeParse(call.body)
    if (!parsed.success) return invalid(fieldErrorsOf(parsed.error))
    const { repository, path } = parsed.data
    // Written with or without slashes around it, a path means the same.
    const inside = path?.replaceAll(/^\/+|\/+$/g, '') || undefined
    if (repository === undefined || repository === null) {
      return inside === undefined ? purge(call, undefined, undefined) : refuse('A path needs a repository.')
    }
    return repositories().has(repository)
      ? purge(call, repository, inside)
      : refuse('There is no such repository.')
  }

  /** The line in the log comes first: what was purged can't be brought back when there is no store to write it to. */
  async function purge(call: Call, repository: string | undefined, path: string | undefined) {
    const [owner = null, repo = null] = repository?.split('/') ?? []
    const object = { kind: 'cache', owner, repo, id: null, name: path ?? null } as const
    await store.audit.append({ ...objectNoteOf(options, call, 'cache.purged', object), changes: {} })
    return json(200, { purged: await purgeCache({ repository, path }) })
  }
}

function refuse(why: string) {
  return invalid(new Map([['repository', [why]]]))
}

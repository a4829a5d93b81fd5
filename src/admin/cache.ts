import { z } from 'zod'
import { json, type Answer } from './answer.ts'
import { invalid } from './errors.ts'
import { fieldErrorsOf } from './field-errors.ts'
import type { AdminOptions } from './options.ts'
import type { Call, Route } from './routes.ts'

const LONGEST = 8_192

const request = z.strictObject(
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
export function cacheRoute({ repositories, purgeCache }: AdminOptions): Route {
  return {
    path: '/cache/purge',
    methods: {
      POST: { needs: { can: 'cache:purge', where: 'body' }, handle },
    },
  }

  function handle({ body }: Call): Answer | Promise<Answer> {
    const parsed = request.safeParse(body)
    if (!parsed.success) return invalid(fieldErrorsOf(parsed.error))
    const { repository, path } = parsed.data
    // Written with or without slashes around it, a path means the same.
    const inside = path?.replaceAll(/^\/+|\/+$/g, '') || undefined
    if (repository === undefined || repository === null) {
      return inside === undefined ? purge(undefined, undefined) : refuse('A path needs a repository.')
    }
    return repositories().has(repository) ? purge(repository, inside) : refuse('There is no such repository.')
  }

  async function purge(repository: string | undefined, path: string | undefined) {
    return json(200, { purged: await purgeCache({ repository, path }) })
  }
}

function refuse(why: string) {
  return invalid(new Map([['repository', [why]]]))
}

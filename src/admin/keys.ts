import type { ApiKey } from '../store/contract.ts'
import { json, type Answer } from './answer.ts'
import { editKey } from './edits.ts'
import { notFound } from './errors.ts'
import { createKey, patchKey, revokeKey, rotateKey } from './key-changes.ts'
import { answerKey, renderKey } from './key-output.ts'
import type { AdminOptions } from './options.ts'
import { pageHeaders, pageUrls, readPage } from './pagination.ts'
import { SLUG_PERM } from './places.ts'
import { withoutFields, type Call, type Handler, type Operation, type Route } from './routes.ts'
import { isSet } from './show.ts'

const KEYS = '/keys'
const KEY = `${KEYS}/:slug_perm`

/** The keys of this API, in the way of Cloudsmith's endpoints. */
export function keyRoutes(options: AdminOptions): readonly Route[] {
  return [
    {
      path: KEYS,
      methods: {
        GET: managing((call) => listKeys(options, call)),
        POST: managing((call) => createKey(options, call)),
      },
    },
    {
      path: KEY,
      methods: {
        GET: managing(onKey(options, async (call, key) => answerKey(options, call, key))),
        PATCH: editing(
          onKey(
            options,
            editKey((...edit) => patchKey(options, ...edit)),
          ),
        ),
        DELETE: editing(
          onKey(
            options,
            editKey((...edit) => revokeKey(options, ...edit)),
          ),
        ),
      },
    },
    {
      path: `${KEY}/rotate`,
      methods: {
        POST: editing(
          withoutFields(
            onKey(
              options,
              editKey((...edit) => rotateKey(options, ...edit)),
            ),
          ),
        ),
      },
    },
  ]
}

function managing(handle: Handler): Operation {
  return { needs: { can: 'keys:manage', where: 'everywhere' }, handle }
}

/** A change of one key, which honours `If-Match`. */
function editing(handle: Handler): Operation {
  return { ...managing(handle), conditional: true }
}

/** Calls `handle` with the key of the path, which may be revoked; 404 when there is none. */
function onKey({ store }: AdminOptions, handle: (call: Call, key: ApiKey) => Promise<Answer>): Handler {
  return async (call) => {
    const id = call.param('slug_perm')
    const key = SLUG_PERM.test(id) ? await store.keys.read(id) : undefined
    return key === undefined ? notFound() : handle(call, key)
  }
}

/** Lists the keys in the order in which they were made, revoked and expired ones too unless `active` is set. */
async function listKeys({ store, clock }: AdminOptions, call: Call): Promise<Answer> {
  const now = clock()
  const page = readPage(call.query)
  const active = isSet(call.query('active'))
  const { total, keys } = await store.keys.list({ ...page, workingAt: active ? now : null })
  const shown = keys.map((key) => renderKey(key, { base: call.base, now }))
  return json(200, shown, pageHeaders(page, total, pageUrls(call, 'keys', page, ['active'])))
}

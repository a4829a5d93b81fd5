import { json, NO_CONTENT } from './answer.ts'
import { notFound } from './errors.ts'
import { noteOf, objectNoteOf, tokenObject } from './note.ts'
import type { AdminOptions } from './options.ts'
import { inRepository, onToken } from './places.ts'
import { withoutFields, type Handler, type Operation, type Route } from './routes.ts'
import { readUsage, show } from './show.ts'
import { createToken, patchToken, refreshToken, setActive } from './token-changes.ts'
import { listTokens } from './token-list.ts'

const TOKENS = '/entitlements/:owner/:repo'
const TOKEN = `${TOKENS}/:slug_perm`

/** Cloudsmith's entitlement endpoints. */
export function entitlementRoutes(options: AdminOptions): readonly Route[] {
  return [
    {
      path: TOKENS,
      methods: {
        GET: reading(inRepository(options, (call, place) => listTokens(options, call, place))),
        POST: changing(inRepository(options, (call, place) => createToken(options, call, place))),
      },
    },
    {
      path: TOKEN,
      methods: {
        GET: reading(readHandler(options)),
        PATCH: changing(onToken(options, (call, token) => patchToken(options, call, token))),
        DELETE: changing(deleteHandler(options)),
      },
    },
    { path: `${TOKEN}/enable`, methods: { POST: changing(activeHandler(options, true)) } },
    { path: `${TOKEN}/disable`, methods: { POST: changing(activeHandler(options, false)) } },
    {
      path: `${TOKEN}/refresh`,
      methods: { POST: changing(onToken(options, (call, token) => refreshToken(options, call, token))) },
    },
    { path: `${TOKEN}/reset`, methods: { POST: changing(resetHandler(options)) } },
  ]
}

function reading(handle: Handler): Operation {
  return { needs: { can: 'tokens:read', where: 'path' }, handle }
}

function changing(handle: Handler): Operation {
  return { needs: { can: 'tokens:change', where: 'path' }, handle }
}

function readHandler(options: AdminOptions): Handler {
  return onToken(options, async (call, token) => {
    const [usage] = await readUsage(options, [token])
    return json(200, show(options, call, token, usage))
  })
}

function deleteHandler(options: AdminOptions): Handler {
  return onToken(options, async (call, { owner, repo, slugPerm }) => {
    const note = noteOf(options, call, 'repo.entitlement.deleted')
    const existed = await options.store.tokens.delete(owner, repo, slugPerm, note.at, note)
    return existed ? NO_CONTENT : notFound()
  })
}

function activeHandler(options: AdminOptions, isActive: boolean): Handler {
  return withoutFields(
    onToken(options, async (call, token) => {
      const after = await setActive(options, call, token, isActive)
      return after === undefined ? notFound() : NO_CONTENT
    }),
  )
}

function resetHandler(options: AdminOptions): Handler {
  return withoutFields(
    onToken(options, async (call, token) => {
      const note = objectNoteOf(options, call, 'repo.entitlement.reset', tokenObject(token))
      await options.store.usage.reset(token.slugPerm, note.at, note)
      return NO_CONTENT
    }),
  )
}

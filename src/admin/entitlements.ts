import { NO_CONTENT } from './answer.ts'
import { changeInBulk, MOST_BULK_BYTES } from './bulk/bulk.ts'
import { exportTokens } from './bulk/export.ts'
import { togglePrivateBroadcasts } from './broadcasts.ts'
import { WHOLE_OWNER } from '../policy/owner-level.ts'
import { editToken } from './edits.ts'
import { notFound } from './errors.ts'
import { listAcceptances, withdrawAcceptances } from './eula.ts'
import { etagOfToken } from './etag.ts'
import { noteOf, objectNoteOf, tokenObject } from './note.ts'
import type { AdminOptions } from './options.ts'
import { atHome, inRepository, ofOwner, onToken } from './places.ts'
import { withoutFields, type Handler, type Operation, type Route } from './routes.ts'
import { createToken, patchToken, refreshToken, setActive } from './token-changes.ts'
import { listTokens } from './token-list.ts'
import { readToken } from './token-read.ts'
import { syncTokens } from './token-sync.ts'

const OWNER = '/entitlements/:owner'
const TOKENS = `${OWNER}/:repo`
const TOKEN = `${TOKENS}/:slug_perm`

/** Cloudsmith's entitlement endpoints, and the same for the tokens of an owner: see owner-paths.ts. */
export function entitlementRoutes(options: AdminOptions): readonly Route[] {
  return [
    {
      path: OWNER,
      methods: {
        GET: { needs: { can: 'tokens:read', where: 'owner' }, handle: ownerList(options) },
        POST: {
          needs: { can: 'tokens:change', where: 'owner' },
          handle: ofOwner(options, (call, owner) => createToken(options, call, { owner, repo: WHOLE_OWNER })),
        },
      },
    },
    {
      path: TOKENS,
      methods: {
        GET: reading(
          inRepository(options, (call, { owner, repo }) =>
            listTokens(options, call, { owner, repos: [repo], path: `entitlements/${owner}/${repo}` }),
          ),
        ),
        POST: changing(inRepository(options, (call, place) => createToken(options, call, place))),
      },
    },
    // Before the path of a token: no slug_perm is one of these words.
    {
      path: `${TOKENS}/export`,
      methods: { GET: reading(atHome(options, (call, place) => exportTokens(options, call, place))) },
    },
    {
      path: `${TOKENS}/bulk`,
      methods: {
        POST: {
          ...changing(atHome(options, (call, place) => changeInBulk(options, call, place))),
          uploadBytes: MOST_BULK_BYTES,
        },
      },
    },
    {
      path: `${TOKENS}/sync`,
      methods: { POST: changing(inRepository(options, (call, place) => syncTokens(options, call, place))) },
    },
    {
      path: TOKEN,
      methods: {
        GET: reading(atHome(options, (call, place) => readToken(options, call, place))),
        PATCH: editing(onEdit(options, (...edit) => patchToken(options, ...edit))),
        DELETE: editing(deleteHandler(options)),
      },
    },
    { path: `${TOKEN}/enable`, methods: { POST: editing(activeHandler(options, true)) } },
    { path: `${TOKEN}/disable`, methods: { POST: editing(activeHandler(options, false)) } },
    {
      path: `${TOKEN}/refresh`,
      methods: { POST: editing(onEdit(options, (...edit) => refreshToken(options, ...edit))) },
    },
    { path: `${TOKEN}/reset`, methods: { POST: editing(resetHandler(options)) } },
    {
      path: `${TOKEN}/eula`,
      methods: {
        GET: reading(onToken(options, async (call, token) => listAcceptances(call, token))),
        DELETE: editing(onEdit(options, (...edit) => withdrawAcceptances(options, ...edit))),
      },
    },
    {
      path: `${TOKEN}/toggle-private-broadcasts`,
      methods: {
        POST: changing(onToken(options, (call, token) => togglePrivateBroadcasts(options, call, token))),
      },
    },
  ]
}

function reading(handle: Handler): Operation {
  return { needs: { can: 'tokens:read', where: 'path' }, handle }
}

function changing(handle: Handler): Operation {
  return { needs: { can: 'tokens:change', where: 'path' }, handle }
}

/** A change of one token, which honours `If-Match`. */
function editing(handle: Handler): Operation {
  return { ...changing(handle), conditional: true }
}

/** As `onToken`, for what `editing` makes an operation of. */
function onEdit(options: AdminOptions, handle: Parameters<typeof editToken>[0]): Handler {
  return onToken(options, editToken(handle))
}

/** The tokens of all repositories of the owner, and those that belong to the owner. */
function ownerList(options: AdminOptions): Handler {
  return ofOwner(options, (call, owner, places) => {
    const repos = [...places.map(({ repo }) => repo), WHOLE_OWNER]
    return listTokens(options, call, { owner, repos, path: `entitlements/${owner}` })
  })
}

function deleteHandler(options: AdminOptions): Handler {
  return onEdit(options, async (call, { owner, repo, slugPerm }, isExpected) => {
    const note = noteOf(options, call, 'repo.entitlement.deleted')
    const existed = await options.store.tokens.delete(owner, repo, slugPerm, note.at, note, isExpected)
    return existed ? NO_CONTENT : notFound()
  })
}

function activeHandler(options: AdminOptions, isActive: boolean): Handler {
  return withoutFields(
    onEdit(options, async (call, token, isExpected) => {
      const after = await setActive(options, call, { token, isExpected }, isActive)
      return after === undefined ? notFound() : { ...NO_CONTENT, headers: { ETag: etagOfToken(after) } }
    }),
  )
}

function resetHandler(options: AdminOptions): Handler {
  return withoutFields(
    onEdit(options, async (call, token, isExpected) => {
      const note = objectNoteOf(options, call, 'repo.entitlement.reset', tokenObject(token))
      await options.store.usage.reset(token.slugPerm, note.at, note, isExpected)
      return { ...NO_CONTENT, headers: { ETag: etagOfToken(token) } }
    }),
  )
}

import type { Route } from './routes.ts'

const KEYS = 'keys of the management API are made with `postern keys create` or POST /keys/.'
const QUOTA = 'a vendor has no quota here; a token has limits of its own.'
const BROADCASTS =
  'there are no broadcasts. A link for a browser is the URL of a repository with the secret in it.'

/** What Cloudsmith's clients ask for and get nothing of here, with the reason. Any method, with or without a key: it is no secret. */
const NOT_OFFERED: Readonly<Record<string, string>> = {
  '/user/token': `there are no e-mail addresses and passwords; ${KEYS}`,
  '/user/tokens': KEYS,
  '/user/tokens/:slug_perm/refresh': KEYS,
  '/quota/:owner': QUOTA,
  '/quota/history/:owner': QUOTA,
  '/quota/oss/:owner': QUOTA,
  '/broadcasts/:owner/broadcast-token': BROADCASTS,
}

/** Paths whose 404 says more than that nothing is there. */
export const notOfferedRoutes: readonly Route[] = Object.entries(NOT_OFFERED).map(([path, notOffered]) => ({
  path,
  notOffered,
}))

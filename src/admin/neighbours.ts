import { json, text } from './answer.ts'
import { formatOptional } from './instants.ts'
import type { AdminOptions, Readiness } from './options.ts'
import type { Call, Route } from './routes.ts'

/** What Cloudsmith's clients ask besides entitlements, and what machines watch: the latter without a key. */
export function neighbourRoutes(options: AdminOptions): readonly Route[] {
  const { metrics, readiness, onError, version = 'unknown' } = options
  return [
    { path: '/healthz', open: () => text(200, 'ok\n') },
    {
      path: '/readyz',
      open: async () => {
        const state = await readiness().catch((error: unknown): Readiness => {
          onError(error)
          return 'not_ready'
        })
        const answer = READY[state]
        return text(answer.status, `${answer.text}\n`)
      },
    },
    {
      path: '/metrics',
      open: async () => {
        const { body, contentType } = await metrics()
        return text(200, body, contentType)
      },
    },
    { path: '/status/check/basic', open: () => json(200, { detail: 'Postern is up.', version }) },
    // No request is counted against a limit, so there is none to list.
    {
      path: '/rates/limits',
      methods: { GET: { needs: 'any key', handle: () => json(200, { resources: {} }) } },
    },
    {
      path: '/user/self',
      methods: { GET: { needs: 'any key', handle: (call) => json(200, renderSelf(call)) } },
    },
  ]
}

const READY: Readonly<Record<Readiness, { readonly status: number; readonly text: string }>> = {
  ready: { status: 200, text: 'ready' },
  without_store: {
    status: 200,
    text: 'ready, without the store: tokens that are remembered are served where when_store_fails says so',
  },
  not_ready: { status: 503, text: 'not ready' },
}

/** A key as Cloudsmith shows the user behind one, with what it may do. */
function renderSelf({ principal, base }: Call): Record<string, unknown> {
  const { id, name, role, repositories, expiresAt } = principal
  return {
    authenticated: true,
    name,
    slug: name.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '-'),
    slug_perm: id,
    role,
    repositories,
    expires_at: formatOptional(expiresAt),
    email: null,
    profile_url: null,
    self_url: `${base}/user/self/`,
  }
}

import { json, text } from './answer.ts'
import { formatOptional } from './instants.ts'
import type { AdminOptions } from './options.ts'
import type { Call, Route } from './routes.ts'

/** What Cloudsmith's clients ask besides entitlements, and what machines watch: the latter without a key. */
export function neighbourRoutes(options: AdminOptions): readonly Route[] {
  const { metrics, isReady, onError, version = 'unknown' } = options
  return [
    { path: '/healthz', open: () => text(200, 'ok\n') },
    {
      path: '/readyz',
      open: async () => {
        const ready = await isReady().catch((error: unknown) => onError(error))
        return ready === true ? text(200, 'ready\n') : text(503, 'not ready\n')
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
    {
      path: '/user/self',
      methods: { GET: { needs: 'any key', handle: (call) => json(200, renderSelf(call)) } },
    },
  ]
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

import { json, text } from './answer.ts'
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
    { path: '/user/self', methods: { GET: (call) => json(200, renderKey(call)) } },
  ]
}

/** A key as Cloudsmith shows the user behind one. */
function renderKey({ key, base }: Call): Record<string, unknown> {
  return {
    authenticated: true,
    name: key.name,
    slug: key.name.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '-'),
    slug_perm: key.id,
    email: null,
    profile_url: null,
    self_url: `${base}/user/self/`,
  }
}

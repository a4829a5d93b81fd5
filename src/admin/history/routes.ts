import { WHOLE_OWNER } from '../../policy/owner-level.ts'
import type { AdminOptions } from '../options.ts'
import type { Needs } from '../permission.ts'
import { inRepository, ofOwner, onToken } from '../places.ts'
import type { Route } from '../routes.ts'
import { listDownloads } from './downloads.ts'
import { showLeaders } from './leaders.ts'
import { metricsOfPackages, metricsOfTokens } from './metrics.ts'
import { listDownloaders, listPackages } from './packages.ts'
import { listClients, listTokenPackages, releaseClient, showUsage } from './token-usage.ts'

/** Sums, which tell of nobody. */
function figuresOf(where: 'owner' | 'path'): Needs {
  return { can: 'figures:read', where }
}

/** Who did what, down to addresses. */
const PEOPLE: Needs = { can: 'tokens:read', where: 'path' }

const TOKEN = '/entitlements/:owner/:repo/:slug_perm'

/** What was used, by whom and when: Cloudsmith's figures, and ours beside them. */
export function historyRoutes(options: AdminOptions): readonly Route[] {
  return [
    {
      path: '/metrics/entitlements/:owner',
      methods: {
        GET: {
          needs: figuresOf('owner'),
          handle: ofOwner(options, (call, owner, places) =>
            metricsOfTokens(options, call, [...places, { owner, repo: WHOLE_OWNER }]),
          ),
        },
      },
    },
    {
      path: '/metrics/entitlements/:owner/:repo',
      methods: {
        GET: {
          needs: figuresOf('path'),
          handle: inRepository(options, (call, place) => metricsOfTokens(options, call, [place])),
        },
      },
    },
    {
      path: '/metrics/packages/:owner/:repo',
      methods: {
        GET: {
          needs: figuresOf('path'),
          handle: inRepository(options, (call, place) => metricsOfPackages(options, call, place)),
        },
      },
    },
    {
      path: '/packages/:owner/:repo',
      methods: {
        GET: {
          needs: figuresOf('path'),
          handle: inRepository(options, (call, place) => listPackages(options, call, place)),
        },
      },
    },
    {
      path: '/usage/:owner',
      methods: {
        GET: {
          needs: figuresOf('owner'),
          handle: ofOwner(options, (call, owner, places) =>
            showLeaders(options, call, [...places, { owner, repo: WHOLE_OWNER }]),
          ),
        },
      },
    },
    {
      path: '/usage/:owner/:repo',
      methods: {
        GET: {
          needs: figuresOf('path'),
          handle: inRepository(options, (call, place) => showLeaders(options, call, [place])),
        },
      },
    },
    {
      path: '/usage/:owner/:repo/packages/:name',
      methods: {
        GET: {
          needs: PEOPLE,
          handle: inRepository(options, (call, place) => listDownloaders(options, call, place)),
        },
      },
    },
    {
      path: '/downloads/:owner/:repo',
      methods: {
        GET: {
          needs: PEOPLE,
          handle: inRepository(options, (call, place) => listDownloads(options, call, place)),
        },
      },
    },
    ...tokenRoutes(options),
  ]
}

function tokenRoutes(options: AdminOptions): readonly Route[] {
  return [
    {
      path: `${TOKEN}/usage`,
      methods: {
        GET: {
          needs: figuresOf('path'),
          handle: onToken(options, (call, token) => showUsage(options, call, token)),
        },
      },
    },
    {
      path: `${TOKEN}/clients`,
      methods: {
        GET: { needs: PEOPLE, handle: onToken(options, (call, token) => listClients(options, call, token)) },
      },
    },
    {
      path: `${TOKEN}/clients/:address`,
      methods: {
        DELETE: {
          needs: { can: 'tokens:change', where: 'path' },
          handle: onToken(options, (call, token) => releaseClient(options, call, token)),
        },
      },
    },
    {
      path: `${TOKEN}/packages`,
      methods: {
        GET: {
          needs: PEOPLE,
          handle: onToken(options, (call, token) => listTokenPackages(options, call, token)),
        },
      },
    },
  ]
}

import { auditRoutes } from './audit.ts'
import { cacheRoute } from './cache.ts'
import { sessionRoutes } from './console/routes.ts'
import { entitlementRoutes } from './entitlements.ts'
import { explainRoute } from './explain.ts'
import { historyRoutes } from './history/routes.ts'
import { keyRoutes } from './keys.ts'
import { neighbourRoutes } from './neighbours.ts'
import { notOfferedRoutes } from './not-offered.ts'
import { openApiRoutes } from './openapi/routes.ts'
import type { AdminOptions } from './options.ts'
import { repositoryRoutes } from './repositories.ts'
import type { Route } from './routes.ts'
import { webhookRoutes } from './webhooks.ts'

/** Everything that the management API answers. */
export function allRoutes(options: AdminOptions): readonly Route[] {
  const routes = [
    ...neighbourRoutes(options),
    ...sessionRoutes(),
    ...repositoryRoutes(options),
    ...entitlementRoutes(options),
    ...historyRoutes(options),
    explainRoute(options),
    cacheRoute(options),
    ...keyRoutes(options),
    ...auditRoutes(options),
    ...webhookRoutes(options),
    ...notOfferedRoutes,
  ]
  return [...routes, ...openApiRoutes(routes, options.baseUrl)]
}

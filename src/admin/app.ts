import express, { type ErrorRequestHandler, type Express } from 'express'
import { BOUNDS, createAdmission } from './admission.ts'
import { allRoutes } from './all-routes.ts'
import { send } from './answer.ts'
import { createAuthenticate } from './auth.ts'
import { createSessions } from './console/sessions.ts'
import { createConsole, toConsole } from './console/serve.ts'
import { answerError, notFound } from './errors.ts'
import type { AdminOptions } from './options.ts'
import { createOwnerPaths } from './owner-paths.ts'
import { addRoute } from './routes.ts'
import { createThrottle } from './throttle.ts'

export type { AdminOptions, ExplainRequest } from './options.ts'

/**
 * The management API: Cloudsmith's entitlement endpoints and a few of their neighbours, at their paths and below `/v1`, with or
 * without a slash at the end. Every answer is final and in Cloudsmith's shape: a failing store is a 503 with Retry-After, a
 * mistake of ours a 500 whose cause goes to `onError` only.
 */
export function createAdmin(options: AdminOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  // Node's own parser: flat, no objects made of brackets.
  app.set('query parser', 'simple')
  const api = createApi(options)
  app.use('/v1', api)
  app.use('/', api)
  app.use('/console', createConsole(options.consoleFiles))
  app.get('/', toConsole)
  app.use((_request, response) => void send(response, notFound()))
  app.use(createErrorHandler(options.onError))
  return app
}

function createApi(options: AdminOptions): express.Router {
  const router = express.Router({ caseSensitive: true })
  router.use(createOwnerPaths(options.repositories))
  const { clock, newId } = options
  const checks = {
    authenticate: createAuthenticate(options, {
      throttle: createThrottle(clock),
      sessions: createSessions({ ...options.sessions, clock, newId }),
    }),
    admit: createAdmission(BOUNDS),
    baseUrl: options.baseUrl,
  }
  for (const route of allRoutes(options)) addRoute(router, route, checks)
  return router
}

/** Express knows an error handler by its four parameters. */
function createErrorHandler(onError: AdminOptions['onError']): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const answer = answerError(error)
    if (answer.status >= 500) onError(error)
    if (response.headersSent) response.destroy()
    else void send(response, answer)
  }
}

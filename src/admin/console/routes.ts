import { NO_CONTENT } from '../answer.ts'
import { notAuthenticated } from '../errors.ts'
import { withoutFields, type Route } from '../routes.ts'

/**
 * Signing in to the console, with the key in a header as everywhere, and out. So keys are judged, and the guessing of them is slowed down,
 * in one place. A session opens no further session, or it would have no end.
 */
export function sessionRoutes(): readonly Route[] {
  return [
    {
      path: '/console/session',
      methods: {
        POST: {
          needs: 'any key',
          handle: withoutFields(({ session }) =>
            session.open === undefined
              ? notAuthenticated()
              : { ...NO_CONTENT, headers: { 'Set-Cookie': session.open() } },
          ),
        },
        DELETE: {
          needs: 'any key',
          handle: ({ session }) =>
            session.close === undefined
              ? NO_CONTENT
              : { ...NO_CONTENT, headers: { 'Set-Cookie': session.close() } },
        },
      },
    },
  ]
}

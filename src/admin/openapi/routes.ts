import { json, type Answer } from '../answer.ts'
import type { Route } from '../routes.ts'
import { describeApi } from './document.ts'

/**
 * The description of `others` and of itself, for everybody: it tells nothing of who is served. `/swagger` is where Cloudsmith's tools
 * look for it.
 */
export function openApiRoutes(others: readonly Route[], baseUrl?: string): readonly Route[] {
  let made: Answer | undefined
  const document = (): Answer => (made ??= json(200, describeApi([...others, ...routes], baseUrl)))
  const routes: readonly Route[] = [
    { path: '/openapi.json', open: document },
    { path: '/swagger', open: document },
  ]
  return routes
}

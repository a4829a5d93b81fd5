import { hash } from 'node:crypto'
import { json, text, type Answer } from '../answer.ts'
import type { Route } from '../routes.ts'
import { describeApi, type OpenApiDocument } from './document.ts'
import { STYLE } from './page-style.ts'
import { renderPage } from './page.ts'

/** Nothing of it is loaded from anywhere, nothing runs, and nobody may frame it. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The description of `others` and of itself, for everybody: it tells nothing of who is served. `/swagger` is where Cloudsmith's tools
 * look for it. Made when it is first asked for.
 */
export function openApiRoutes(others: readonly Route[], baseUrl?: string): readonly Route[] {
  const document = once((): OpenApiDocument => describeApi([...others, ...routes], baseUrl))
  const asJson = once((): Answer => json(200, document()))
  const asPage = once((): Answer => {
    const answer = text(200, renderPage(document()), 'text/html; charset=utf-8')
    return { ...answer, headers: { ...answer.headers, 'Content-Security-Policy': POLICY } }
  })
  const routes: readonly Route[] = [
    { path: '/openapi.json', open: asJson },
    { path: '/swagger', open: asJson },
    { path: '/docs', open: asPage },
  ]
  return routes
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}

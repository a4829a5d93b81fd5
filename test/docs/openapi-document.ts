import { allRoutes } from '../../src/admin/all-routes.ts'
import type { AdminOptions } from '../../src/admin/app.ts'
import { describeApi, type OpenApiDocument } from '../../src/admin/openapi/document.ts'

export const OPENAPI_DOCUMENT: URL = new URL('../../docs/openapi.json', import.meta.url)

/** What the routes of this version give; nothing in it depends on options. */
export const API: OpenApiDocument = describeApi(allRoutes({} as AdminOptions))

/** The whole of docs/openapi.json. */
export function renderOpenApiDocument(): string {
  return `${JSON.stringify(API, null, 2)}\n`
}

import { writeFileSync } from 'node:fs'
import { OPENAPI_DOCUMENT, renderOpenApiDocument } from './openapi-document.ts'

writeFileSync(OPENAPI_DOCUMENT, renderOpenApiDocument())

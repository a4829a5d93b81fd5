import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { OPENAPI_DOCUMENT, renderOpenApiDocument } from './openapi-document.ts'

test('docs/openapi.json is the one that routes and schemas give (npm run docs writes it anew)', () => {
  expect(readFileSync(OPENAPI_DOCUMENT, 'utf8')).toBe(renderOpenApiDocument())
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderMetricsDocument } from './metrics-document.ts'

test('docs/metrics.md is the one that the registry gives (npm run docs writes it anew)', async () => {
  const document = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  expect(document).toBe(await renderMetricsDocument())
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { REFUSALS } from '../../src/http/refusals.ts'
import { renderErrorsDocument } from './errors-document.ts'

const DOCUMENT = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')

test('docs/errors.md is the one that the table of refusals gives (npm run docs writes it anew)', () => {
  expect(DOCUMENT).toBe(renderErrorsDocument())
})

test.each(Object.entries(REFUSALS))(
  'docs/errors.md has a section for %s with status and title',
  (code, row) => {
    expect(DOCUMENT).toContain(`## \`${code}\`\n\n**${row.status} ${row.title}**`)
  },
)

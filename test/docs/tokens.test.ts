import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GRACE_FIELD } from '../../src/admin/grace.ts'
import { TOKEN_FIELDS, UNSUPPORTED_FIELDS } from '../../src/admin/token-fields.ts'
import { READ_ONLY_FIELDS } from '../../src/admin/token-output.ts'
import { flagOfField } from '../../src/cli/token-settings.ts'
import { BANDWIDTH_UNITS } from '../../src/policy/bandwidth.ts'
import { RESET_PERIODS } from '../../src/policy/reset.ts'

const DOCUMENT = readFileSync(new URL('../../docs/tokens.md', import.meta.url), 'utf8')

/** Cells of the rows that begin with a field. */
const ROWS: readonly (readonly string[])[] = DOCUMENT.split('\n')
  .filter((line) => /^\| `[a-z_]+` /.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
const nameOf = (row: readonly string[]): string => row[1]?.replaceAll('`', '') ?? ''

test('docs/tokens.md has one row for every field of a token, and none for what is no field', () => {
  const fields = [...TOKEN_FIELDS.keys(), ...UNSUPPORTED_FIELDS.keys(), ...READ_ONLY_FIELDS, GRACE_FIELD]
  expect(ROWS.map(nameOf).toSorted()).toEqual(fields.toSorted())
})

test.each([...TOKEN_FIELDS.keys(), GRACE_FIELD].filter((field) => field !== 'is_active'))(
  'docs/tokens.md names the flag that sets %s',
  (field) => {
    const row = ROWS.find((each) => nameOf(each) === field)
    expect(row?.[2]).toBe(`\`${flagOfField(field)}\``)
  },
)

test.each([...RESET_PERIODS, ...BANDWIDTH_UNITS])('docs/tokens.md knows the word %s', (word) => {
  expect(DOCUMENT).toContain(`\`${word}\``)
})

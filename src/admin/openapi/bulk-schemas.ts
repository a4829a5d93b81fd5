import { COUNTED } from '../bulk/bulk.ts'
import { MOST_ROWS } from '../bulk/read-rows.ts'
import { ACTIONS } from '../bulk/wishes.ts'
import { count, flag, listOf, oneOf, orNull, record, refTo, text, type JsonSchema } from './json-schema.ts'
import { DETAIL, FIELD_ERRORS } from './other-schemas.ts'

const ROW_RESULT: JsonSchema = {
  type: 'object',
  required: ['row', 'result'],
  properties: {
    row: count('Which row, from 1 on.'),
    line: count('On which line of the file it ends.'),
    result: oneOf(COUNTED, 'What became of it.'),
    name: text('Name of the token.'),
    slug_perm: text('Permanent id of the token.'),
    token: text('The secret, or asterisks; with show_tokens.'),
    changes: listOf({ type: 'string' }, 'Fields that were changed.'),
    fields: FIELD_ERRORS,
  },
}

const REPORT: Readonly<Record<string, JsonSchema>> = {
  dry_run: flag('Whether nothing was to be done.'),
  ...Object.fromEntries(COUNTED.map((each) => [each, count(`Rows of this result: ${each}.`)])),
  rows: listOf(refTo('BulkRowResult'), 'What became of each row.'),
}

/** Components by their names. `fields`: what can be set on a token. */
export function bulkSchemas(
  fields: Readonly<Record<string, JsonSchema>>,
): Readonly<Record<string, JsonSchema>> {
  return {
    BulkRows: {
      ...listOf(refTo('BulkRow')),
      minItems: 1,
      maxItems: MOST_ROWS,
      examples: [[{ name: 'Example Inc', limit_num_downloads: 1000 }]],
    },
    BulkRow: {
      type: 'object',
      properties: {
        action: oneOf(ACTIONS, 'What is done. Left out: the parameter says it.'),
        slug_perm: orNull(
          text('Permanent id of the token. Left out, or null: the token is found by its name or secret.'),
        ),
        ...fields,
      },
    },
    BulkRowResult: ROW_RESULT,
    BulkReport: record(REPORT),
    BulkRefusal: record({
      detail: DETAIL,
      code: { const: 'invalid_rows' },
      ...REPORT,
    }),
  }
}

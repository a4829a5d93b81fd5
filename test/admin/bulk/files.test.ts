import { describe, expect, test } from 'vitest'
import { COLUMNS } from '../../../src/admin/bulk/cells.ts'
import { TOKEN_FIELDS, UNSUPPORTED_FIELDS } from '../../../src/admin/token-fields.ts'
import { TOKENS, useApi } from '../api.ts'
import { callAs } from '../call-as.ts'
import { clear, listAll, outcomesOf, reportOf, sendRows } from './send.ts'

const api = useApi()

function utf16(text: string, isBigEndian: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le')
  return new Uint8Array(isBigEndian ? bytes.swap16() : bytes)
}

test('every field that can be set is a column, but the one that is a matter of single tokens', () => {
  const settable = [...TOKEN_FIELDS.keys(), ...UNSUPPORTED_FIELDS.keys()]
  expect([...COLUMNS.keys()].toSorted()).toEqual(
    ['action', 'slug_perm', ...settable.filter((name) => name !== 'previous_secret_valid_until')].toSorted(),
  )
})

describe('CSV', () => {
  test('cells are read as the fields need them; empty ones leave what is there, null clears it', async () => {
    await clear(api)
    const old = await api.create({ name: 'Old', limit_num_downloads: 5, limit_num_clients: 6 })
    const csv = [
      'name,is_active,limit_num_downloads,limit_num_clients,limit_packages,limit_networks,metadata,limit_date_range_to,limit_rate',
      'Old,,,null,,,,,',
      '"Sons, ""Inc""",FALSE,1000,3,widget; gadget@>=1,192.0.2.0/24,"{""licence"": ""A-17""}",2031-01-31,0.5',
      'Lists,TRUE,,,"[""a"",""b;c""]",,null,,',
    ].join('\n')
    expect(outcomesOf(await sendRows(api, csv))).toEqual(['changed', 'created', 'created'])
    expect(await api.read(old.slug_perm)).toMatchObject({ limit_num_downloads: 5, limit_num_clients: null })
    expect(await listAll(api)).toMatchObject([
      { name: 'Lists', is_active: true, limit_packages: ['a', 'b;c'], metadata: null },
      { name: 'Old' },
      {
        name: 'Sons, "Inc"',
        is_active: false,
        limit_num_downloads: 1000,
        limit_num_clients: 3,
        limit_packages: ['widget', 'gadget@>=1'],
        limit_networks: ['192.0.2.0/24'],
        metadata: { licence: 'A-17' },
        limit_date_range_to: '2031-01-31T00:00:00.000Z',
        limit_rate: 0.5,
      },
    ])
  })

  test.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ['with CRLF', 'name,limit_num_clients\r\nÄrger GmbH,1\r\n\r\n"two\r\nlines",2\r\n'],
    ['with CR', 'name,limit_num_clients\rÄrger GmbH,1\r"two\rlines",2'],
    ['with a byte order mark', '\uFEFFname,limit_num_clients\nÄrger GmbH,1\n"two\nlines",2'],
    ['with semicolons', 'name;limit_num_clients\nÄrger GmbH;1\n"two\nlines";2\n'],
    ['with tabs', 'name\tlimit_num_clients\nÄrger GmbH\t1\n"two\nlines"\t2\n'],
    ['with other capitals and blanks', ' Name , LIMIT_NUM_CLIENTS \nÄrger GmbH, 1 \n"two\nlines",2'],
    ['in UTF-16', utf16('name,limit_num_clients\r\nÄrger GmbH,1\r\n"two\r\nlines",2\r\n', false)],
    ['in UTF-16, big end first', utf16('name,limit_num_clients\nÄrger GmbH,1\n"two\nlines",2\n', true)],
  ])('%s is read', async (_what, file) => {
    const { rows } = reportOf(await sendRows(api, file, '?dry_run=true'))
    expect(rows[0]).toMatchObject({ result: 'created', name: 'Ärger GmbH' })
    // A line break is no part of a name, and that is said of the row.
    expect(rows[1]?.['fields']).toEqual({ name: ['Control characters are not allowed.'] })
    expect(rows).toHaveLength(2)
  })

  test.each<[string, string, number, unknown]>([
    [
      'a misspelt column',
      'name,limit_num_download\na,1',
      422,
      { limit_num_download: ['There is no such field; did you mean limit_num_downloads?'] },
    ],
    [
      'a column that is read-only',
      'name,downloads\na,1',
      422,
      { downloads: ['This field is read-only; leave the column out.'] },
    ],
    ['a column twice', 'name,name\na,b', 422, { name: ['There are two columns of this name.'] }],
    ['a column without a name', 'name,\na,b', 422, { 'column 2': ['This column has no name.'] }],
    [
      'no header',
      'Example Ltd,do-not-repeat-this\nOther,6',
      422,
      {
        non_field_errors: ['The first line has to name the columns, such as name,token,limit_num_downloads.'],
      },
    ],
    ['a header alone', 'name,token\n', 400, 'There are no rows.'],
    ['nothing', '', 400, 'There are no rows.'],
    ['an open quote', 'name\na\n"b', 400, 'Line 3: A quote that opens here is never closed.'],
    [
      'a quote inside of a cell',
      'name\na\nb"c',
      400,
      'Line 3: A quote stands inside of a cell; put the cell in quotes, and write the quote twice ("").',
    ],
    [
      'something behind a quote',
      'name\n"a"b',
      400,
      'Line 2: Something follows a closing quote; a quote inside of quotes is written twice ("").',
    ],
    [
      'a line of a megabyte',
      `name\na\n${'x'.repeat(1024 * 1024)}`,
      400,
      'Line 3: A row has more than 102400 characters.',
    ],
  ])('%s is refused, and nothing changes', async (_what, file, status, said) => {
    await clear(api)
    const answer = await sendRows(api, file, '?partial=true')
    expect(answer.status).toBe(status)
    const { detail, fields } = answer.body as { detail: unknown; fields: unknown }
    expect(status === 422 ? fields : detail).toEqual(said)
    expect(await listAll(api)).toEqual([])
  })

  test('a row with too few cells is refused by its number and line', async () => {
    await clear(api)
    const answer = await sendRows(api, 'name,limit_num_clients\na,1\n\nb\nc,1,2')
    expect(answer.status).toBe(422)
    expect(reportOf(answer).rows.slice(1)).toEqual([
      {
        row: 2,
        line: 4,
        result: 'failed',
        fields: { non_field_errors: ['There are 1 cells, and 2 columns.'] },
      },
      {
        row: 3,
        line: 5,
        result: 'failed',
        fields: { non_field_errors: ['There are 3 cells, and 2 columns.'] },
      },
    ])
  })

  test.each([
    ['is_active', 'perhaps', 'This field must be true or false.'],
    ['limit_num_downloads', '1,000', 'whole number'],
    ['limit_num_downloads', '1e3', 'whole number'],
    ['metadata', 'x', 'This field must be a JSON object, or null.'],
    ['limit_date_range_to', '31.12.2030', 'no instant'],
    ['token', 'short', 'A secret has 8 to 48'],
  ])('a cell of %s that says %j is told as any mistake of that field', async (column, cell, message) => {
    const answer = await sendRows(api, `name,${column}\nx,"${cell}"`)
    expect(outcomesOf(answer)).toEqual([{ [column]: [expect.stringContaining(message)] }])
  })
})

describe('JSON', () => {
  test('lines are rows, empty ones are not', async () => {
    await clear(api)
    const lines = '{"name":"a"}\r\n\n{"name":"b","limit_num_clients":null}\n'
    const answer = await sendRows(api, lines, '', { type: 'application/x-ndjson' })
    expect(reportOf(answer).rows.map(({ line, name }) => [line, name])).toEqual([
      [1, 'a'],
      [3, 'b'],
    ])
  })

  test('a line that is no JSON is told by its number', async () => {
    await clear(api)
    const lines = '{"name":"a"}\n{"name":"b","token":"not-to-be-repeated\n[1]'
    const answer = await sendRows(api, lines, '', { type: 'application/jsonl; charset=utf-8' })
    expect(reportOf(answer).rows).toMatchObject([
      { result: 'skipped' },
      { line: 2, fields: { non_field_errors: ['This is no valid JSON.'] } },
      { line: 3, fields: { non_field_errors: ['This is no JSON object.'] } },
    ])
    expect(answer.text).not.toContain('repeated')
    expect(await listAll(api)).toEqual([])
  })

  test.each([
    ['application/json', '{"name":"a"}', 400, 'The body is no JSON list of objects.'],
    ['application/json', '[{"name":', 400, 'The body is no valid JSON.'],
    ['application/json', '[]', 400, 'There are no rows.'],
    [
      'application/x-ndjson',
      `{"name":"a"}\n{"name":"${'x'.repeat(1024 * 1024)}"}`,
      400,
      'Line 2: A row has more than 102400 characters.',
    ],
    ['text/csv', '\u0000name', 422, 'Invalid input.'],
    ['application/xml', '<a/>', 415, 'Unsupported media type: send rows as'],
    ['', 'name\na', 415, 'Unsupported media type'],
  ])('%s: %.20j is refused', async (type, body, status, detail) => {
    const answer = await sendRows(api, body, '', { type })
    expect(answer.status).toBe(status)
    const said = expect.stringContaining(detail)
    expect(answer.body).toMatchObject({ detail: said })
  })

  test('a body of more than 10 MB is refused', async () => {
    const answer = await sendRows(api, `name\n${'x'.repeat(80)}\n`.repeat(150_000))
    expect(answer).toMatchObject({ status: 413, body: { detail: 'The body is larger than 10240 KB.' } })
  })

  test('bytes that are no UTF-8 are told by their line', async () => {
    const bytes = new Uint8Array([...Buffer.from('name\na\n'), 0xc4, 0x20])
    const answer = await sendRows(api, bytes)
    expect(answer.body).toMatchObject({ detail: 'Line 3 is no valid UTF-8. Save it as UTF-8.' })
  })

  test.each([
    ['?action=remove', 'action', 'This must be one of upsert'],
    ['?match=slug', 'match', 'This must be one of name, secret.'],
    ['?dry_run=yes', 'dry_run', 'This must be true or false.'],
    ['?dryrun=true', 'dryrun', 'There is no such parameter; did you mean dry_run?'],
  ])('the parameters %s are refused, and nothing changes', async (query, field, message) => {
    await clear(api)
    const answer = await sendRows(api, [{ name: 'a' }], query)
    const said = expect.stringContaining(message)
    expect(answer).toMatchObject({ status: 422, body: { fields: { [field]: [said] } } })
    expect(await listAll(api)).toEqual([])
  })
})

describe('an export', () => {
  const SETTINGS = {
    limit_num_downloads: 5,
    limit_bandwidth: 3,
    limit_bandwidth_unit: 'Gigabyte',
    limit_packages: ['widget@>=1', '!internal*'],
    limit_networks: ['192.0.2.0/24'],
    limit_path_query: '^/stable/',
    limit_date_range_to: '2031-01-01T00:00:00.000Z',
    clients_window: 3600,
    metadata: { licence: '=1+1' },
    repositories: [],
  }
  const NAMES = [
    '=HYPERLINK("http://evil")',
    "'=already",
    'null',
    '"null"',
    ' @a',
    'Sons, "Inc"',
    "'t Ltd",
    '-1',
  ]

  test.each(['csv', 'jsonl'])('as %s says everything, and coming back changes nothing', async (format) => {
    await clear(api)
    for (const name of NAMES) await api.create({ name, ...SETTINGS })
    await api.create({ name: 'plain' })
    const path = `${TOKENS}export/?format=${format}&show_tokens=true`
    const { text, status, headers } = await api.call('GET', path)
    expect(status).toBe(200)
    expect(headers.get('content-disposition')).toBe(`attachment; filename="acme-stable-tokens.${format}"`)
    const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson'
    const before = await listAll(api)
    const again = await sendRows(api, text, '', { type })
    expect(outcomesOf(again)).toEqual(Array.from({ length: NAMES.length + 1 }, () => 'unchanged'))
    await clear(api)
    // Elsewhere the ids mean nothing.
    const moved = text
      .replaceAll(/01[0-9A-Z]{24}/g, format === 'csv' ? '' : 'X')
      .replaceAll('"slug_perm":"X",', '')
    expect(reportOf(await sendRows(api, moved, '', { type }))).toMatchObject({ created: NAMES.length + 1 })
    const known = (token: Readonly<Record<string, unknown>>): unknown => {
      const { slug_perm: _, created_at: __, self_url: ___, ...others } = token
      return Object.entries(others).filter(([name]) => !name.endsWith('_url'))
    }
    expect((await listAll(api)).map(known)).toEqual(before.map(known))
  })

  test('no cell of CSV begins like a formula', async () => {
    await clear(api)
    for (const name of NAMES) await api.create({ name, ...SETTINGS })
    const { text } = await api.call('GET', `${TOKENS}export/?format=csv`)
    expect(text).toContain(`"'=HYPERLINK(""http://evil"")"`)
    expect(text.split(/[,\r\n]/).filter((cell) => /^"?\s*[=+@-]/.test(cell))).toEqual([])
  })

  test('has secrets only if asked for', async () => {
    await clear(api)
    await api.create({ name: 'a', token: 'secret-of-the-export' })
    for (const format of ['csv', 'jsonl']) {
      const { text } = await api.call('GET', `${TOKENS}export/?format=${format}`)
      expect(text).not.toContain('secret-of-the-export')
      expect(text).not.toMatch(/\btoken\b/)
      const shown = await api.call('GET', `${TOKENS}export/?format=${format}&show_tokens=1`)
      expect(shown.text).toContain('secret-of-the-export')
    }
  })

  test('without the right to see secrets is refused where they are asked for', async () => {
    await clear(api)
    await api.create({ name: 'a' })
    const { call } = await callAs(api, { role: 'viewer' })
    expect((await call('GET', `${TOKENS}export/`)).status).toBe(200)
    expect(await call('GET', `${TOKENS}export/?show_tokens=true`)).toMatchObject({
      status: 403,
      body: { detail: 'Your key may not see secrets; leave show_tokens out.' },
    })
  })

  test('leaves out the secret of a token that opens more than the key covers', async () => {
    await clear(api)
    await api.create({ name: 'Narrow', token: 'secret-of-narrow' })
    await api.create({ name: 'Wide', token: 'secret-of-wide', repositories: ['acme/*'] })
    const { call } = await callAs(api, { role: 'entitlements', repositories: ['acme/stable'] })
    const { text } = await call('GET', `${TOKENS}export/?show_tokens=true`)
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map(({ name, token }) => [name, token])).toEqual([
      ['Narrow', 'secret-of-narrow'],
      ['Wide', undefined],
    ])
  })

  test('in another form is refused', async () => {
    const { status, body } = await api.call('GET', `${TOKENS}export/?format=xml`)
    expect([status, body]).toMatchObject([422, { fields: { format: ['This must be jsonl or csv.'] } }])
  })
})

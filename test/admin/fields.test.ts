import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkChange, checkCreation } from '../../src/admin/token-input.ts'
import { TOKEN_FIELDS, UNSUPPORTED_FIELDS } from '../../src/admin/token-fields.ts'
import { READ_ONLY_FIELDS } from '../../src/admin/token-output.ts'
import { STORED_TOKEN_DEFAULTS } from '../../src/store/stored-token.ts'
import { fieldsOf, KEY, TOKENS, useApi } from './api.ts'

const api = useApi()
/** A token whose last refresh left its previous secret working. */
const OPEN = { ...STORED_TOKEN_DEFAULTS, digest: 'current', previousDigest: 'previous' }
const NOW = Date.UTC(2030, 0, 1)

function mistakes(field: string, value: unknown): readonly string[] {
  const checked = checkChange({ [field]: value }, OPEN, NOW)
  return checked.ok ? [] : (checked.errors.get(field) ?? ['(another field)'])
}

const deep = (levels: number): unknown => (levels === 0 ? 1 : { down: deep(levels - 1) })

describe.each<[string, readonly unknown[], readonly unknown[]]>([
  [
    'name',
    ['x', 'Acme Ltd.', ' padded ', '名前', 'x'.repeat(200), '😀'.repeat(200)],
    [null, '', ' ', '\t', 'a\nb', 'a\u0000', '\u007F', '\u2028', '\uD800', 'x'.repeat(201), 5, ['x'], {}],
  ],
  [
    'token',
    ['abcdefgh', 'A.b_c-d9', 'x'.repeat(48)],
    [
      null,
      '',
      'short',
      'x'.repeat(49),
      '-abcdefgh',
      'a b c d e f',
      'abcdefg/',
      'päßwörter',
      12345678,
      {},
      [],
      // Looks like a generated one, but its checksum is wrong.
      `ptk${'0'.repeat(32)}`,
      '.well-known',
    ],
  ],
  ['is_active', [true, false], [null, 'true', 'True', 0, 1, {}, []]],
  [
    'limit_num_downloads',
    [null, 0, 1, Number.MAX_SAFE_INTEGER],
    [-1, 0.5, '5', '', true, {}, [], 2 ** 53, Infinity, -Infinity, Number.NaN],
  ],
  ['limit_num_clients', [null, 0, 1, Number.MAX_SAFE_INTEGER], [-1, 0.5, '5', true, [], {}, 2 ** 53, 1e300]],
  [
    'limit_bandwidth',
    [null, 0, 1, Number.MAX_SAFE_INTEGER],
    [-1, 0.5, '5', '5GB', true, {}, [], 2 ** 53, 1e300],
  ],
  [
    'limit_bandwidth_unit',
    [null, 'Byte', 'Kilobyte', 'Gigabyte', 'Yottabyte'],
    ['byte', 'GB', '', 'Gibibyte', 'constructor', 1, 0, true, {}, ['Byte']],
  ],
  [
    'limit_rate',
    [null, 0.001, 0.5, 1, 7.25, 1_000_000],
    [0, -1, -0, 0.0009, 1_000_000.5, 2 ** 53, '1', '1/s', true, {}, [], Infinity, Number.NaN],
  ],
  [
    'limit_concurrency',
    [null, 0, 1, Number.MAX_SAFE_INTEGER],
    [-1, 0.5, 1.5, '5', true, {}, [], 2 ** 53, Number.NaN],
  ],
  [
    'clients_window',
    [null, 1, 86_400, 315_360_000],
    [0, -1, 0.5, '30d', '3600', 315_360_001, 2 ** 53, true, {}, [], Number.NaN],
  ],
  [
    'limit_networks',
    [
      null,
      [],
      ['203.0.113.0/24'],
      ['0.0.0.0/0', '::/0'],
      ['2001:db8::/32', '198.51.100.7', '::1'],
      ['10.0.0.0/32', '2001:DB8::/128'],
    ],
    [
      '10.0.0.0/8',
      {},
      [5],
      [null],
      [''],
      ['10.0.0.0/33'],
      ['10.0.0.0/-1'],
      ['10.0.0.0/08'],
      ['10.0.0.0/'],
      ['10.0.0.0/8/8'],
      ['10.0.0.1/8'],
      ['2001:db8::1/32'],
      ['::ffff:10.0.0.0/104'],
      ['::/129'],
      ['10.0.0'],
      ['010.0.0.1'],
      ['2130706433'],
      ['localhost'],
      ['fe80::1%eth0'],
      ['10.0.0.0 /8'],
      ['everybody'],
    ],
  ],
  [
    'limit_published_until',
    [null, '2030-01-01', '2030-12-31T00:00:00Z'],
    ['', 'never', 1893456000, 0, true, {}, []],
  ],
  ['starts_on_first_download', [false], [null, 'true', 1, 0, {}, []]],
  [
    'scheduled_reset_period',
    [
      null,
      'Never Reset',
      'Daily',
      'Weekly',
      'Fortnightly',
      'Monthly',
      'Bi-Monthly',
      'Quarterly',
      'Every 6 months',
      'Annual',
    ],
    ['daily', 'never reset', '', 'Hourly', 0, 1, true, {}, ['Daily']],
  ],
  ['scheduled_reset_at', [null, '2030-01-01', '2029-01-31T00:00:00Z'], ['', 'now', 0, true, {}, []]],
  [
    'previous_secret_valid_until',
    [null, '2030-01-02', '2030-01-01T00:00:01Z'],
    ['', '2029-12-31', '2030-01-01T00:00:00Z', 0, 86_400, true, {}, []],
  ],
  [
    'limit_packages',
    [null, [], ['widget'], ['**', '!widget'], ['npm:@acme/*@^1'], ['deb:widget@>=1.0']],
    [
      'widget',
      {},
      [5],
      [null],
      [''],
      ['!widget'],
      ['widget@'],
      ['npm:x@not a version'],
      ['x'.repeat(513)],
      Array.from({ length: 1001 }, () => 'a'),
    ],
  ],
  [
    'limit_package_query',
    [
      null,
      '',
      'widget',
      'name:^widget$ AND version:~=1.2',
      'format:deb OR (type:source NOT prerelease:true)',
    ],
    [
      ' ',
      5,
      [],
      {},
      true,
      'name:',
      'tag:latest',
      'downloads:>5',
      'nmae:x',
      '(name:x',
      'NOT widget',
      'x'.repeat(1025),
    ],
  ],
  [
    'limit_path_query',
    [null, '', '/deb/', '^/stable/*.deb$ AND NOT debug'],
    [' ', 5, [], {}, true, 'tag:latest', '^', '/a/ OR', "'/a/", 'x'.repeat(1025)],
  ],
  [
    'repositories',
    [null, [], ['acme/stable'], ['acme/*', '*/deb']],
    [
      'acme/stable',
      {},
      [1],
      [''],
      ['acme'],
      ['acme/stable/x'],
      ['acme/st able'],
      [`a/${'b'.repeat(511)}`],
      Array.from({ length: 1001 }, () => 'a/b'),
    ],
  ],
  [
    'metadata',
    [
      null,
      {},
      { a: [1, { b: null }] },
      deep(16),
      { text: 'x'.repeat(16_000) },
      JSON.parse('{"__proto__":{"a":1}}'),
    ],
    [[], 'text', 5, true, deep(17), { text: 'x'.repeat(17_000) }, { text: 'é'.repeat(9_000) }],
  ],
  [
    'limit_date_range_from',
    [null, '2030-01-01', '2030-01-01T00:00:00Z', '2020-01-01T00:00:00', '2030-06-30T12:00:00.123456+02:00'],
    ['', 'today', '2030', '2030-13-01', '2030-02-30', '2030-01-01T25:00:00Z', 1893456000, {}, [], true],
  ],
])('%s', (field, good, bad) => {
  test.each(good.map((value) => [JSON.stringify(value)?.slice(0, 60), value]))(
    'may be %s',
    (_text, value) => {
      expect(mistakes(field, value)).toEqual([])
    },
  )

  test.each(bad.map((value) => [JSON.stringify(value)?.slice(0, 60), value]))(
    'may not be %s',
    (_text, value) => {
      const found = mistakes(field, value)
      expect(found.length).toBeGreaterThan(0)
      expect(found).not.toContain('(another field)')
    },
  )
})

test.each([['access_private_broadcasts', [null, false], [true]]])(
  '%s can only be neutral: a limit is never accepted and ignored',
  (field, good, bad) => {
    for (const value of good) expect(mistakes(field, value)).toEqual([])
    for (const value of bad)
      expect(mistakes(field, value)).toEqual([expect.stringContaining('not supported yet')])
  },
)

test('every field of an answer is writable, unsupported or read-only, and none of them two of these', async () => {
  const shown = Object.keys(await api.create())
  const known = [...TOKEN_FIELDS.keys(), ...UNSUPPORTED_FIELDS.keys(), ...READ_ONLY_FIELDS]
  expect(shown.toSorted()).toEqual(known.toSorted())
})

test.each([...READ_ONLY_FIELDS])('%s is read-only', (field) => {
  expect(mistakes(field, null)).toEqual([expect.stringMatching(/^This field is read-only[.;]/)])
})

test.each([
  ['limit_num_download', 'limit_num_downloads'],
  ['limitNumDownloads', 'limit_num_downloads'],
  ['limit_package', 'limit_packages'],
  ['isActive', 'is_active'],
  ['Name', 'name'],
  ['repositorie', 'repositories'],
])('the unknown %s is refused, with a hint at %s', (given, meant) => {
  expect(mistakes(given, null)).toEqual([`There is no such field; did you mean ${meant}?`])
})

test('the repository of a token is where it was made: what it opens is another field', () => {
  expect(mistakes('repository', 'acme/other')).toEqual([
    'This field is read-only; repositories says what a token opens.',
  ])
})

test.each([
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'property',
  'secret',
  'digest',
  'slugPerm',
  '',
])('the unknown %j is refused over the wire', async (field) => {
  const body = `{"name":"x","${field}":{"name":"y"}}`
  const headers = { 'X-Api-Key': KEY, 'Content-Type': 'application/json' }
  const answer = await api.send(TOKENS, { method: 'POST', headers, body })
  const fields = fieldsOf(answer)
  expect(Object.hasOwn(fields, field)).toBe(true)
})

test('ten thousand unknown fields make a short answer', () => {
  const many = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`${index}`.padEnd(500, 'x'), 1]),
  )
  const checked = checkCreation(many, NOW)
  expect(checked.ok).toBe(false)
  expect(checked.ok ? 0 : JSON.stringify([...checked.errors]).length).toBeLessThan(5_000)
})

test('a problem inside a list is reported with its place', () => {
  expect(mistakes('repositories', ['acme/stable', 'acme', 'x/y/z'])).toEqual([
    '[1] "acme" is not of the form owner/repo',
    '[2] "x/y/z" is not of the form owner/repo',
  ])
  expect(mistakes('limit_packages', ['fine', 7])).toEqual(['[1] This field must be text.'])
})

test('problems of a query are reported with their places, counted from 1', () => {
  expect(mistakes('limit_package_query', 'name:x OR (verison:>1 AND size:>5) NOT name:')).toEqual([
    'character 12: there is no field "verison" (did you mean version?)',
    'character 27: nothing in a request tells "size" of a package',
    'character 45: a value is missing',
  ])
  expect(mistakes('limit_path_query', '/a/ AND (')).toEqual(['character 10: a term is missing here'])
})

test('an empty query is none', async () => {
  const { slug_perm } = await api.create({ limit_package_query: 'name:x', limit_path_query: '/x' })
  expect(await api.read(slug_perm)).toMatchObject({ limit_package_query: 'name:x', limit_path_query: '/x' })
  await api.call('PATCH', `${TOKENS}${slug_perm}/`, { limit_package_query: '', limit_path_query: null })
  expect(await api.read(slug_perm)).toMatchObject({ limit_package_query: null, limit_path_query: null })
})

test('no message repeats a secret', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 3, maxLength: 60 }), (secret) => {
      const found = mistakes('token', `${secret}/`)
      expect(found.join('')).not.toContain(`${secret}/`)
    }),
  )
})

test(
  'any JSON value for any field is accepted or refused, and what is accepted can be read',
  { timeout: 120_000 },
  async () => {
    const { slug_perm } = await api.create()
    const fields = [...TOKEN_FIELDS.keys(), ...UNSUPPORTED_FIELDS.keys(), ...READ_ONLY_FIELDS, '__proto__']
    const value = fc.oneof(
      fc.jsonValue(),
      fc.jsonValue({ noUnicodeString: false }),
      fc.array(fc.string()),
      fc.integer(),
      fc.double(),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.string({ unit: 'binary' }),
    )
    const body = fc.dictionary(fc.oneof(fc.constantFrom(...fields), fc.string()), value, { maxKeys: 4 })
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), async (given, creates) => {
        const answer = creates
          ? await api.call('POST', TOKENS, { name: 'x', ...given })
          : await api.call('PATCH', `${TOKENS}${slug_perm}/`, given)
        expect([200, 201, 422]).toContain(answer.status)
        expect((await api.call('GET', `${TOKENS}${slug_perm}/?show_tokens=true`)).status).toBe(200)
      }),
      { numRuns: 400 },
    )
    expect((await api.call('GET', `${TOKENS}?page_size=500`)).status).toBe(200)
    expect(api.errors).toEqual([])
  },
)

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseConfig, type LoadResult } from '../../src/config/parse.ts'
import type { Places } from '../../src/config/places.ts'
import { renderMistakes } from '../../src/config/print.ts'

const PLACES: Places = {
  file: '/etc/postern/postern.yaml',
  resolve: (path) => `/etc/postern/${path}`,
  isDirectory: () => true,
  isReadableFile: () => false,
  sizeOf: () => undefined,
  readText: () => undefined,
  whyNotWritable: () => undefined,
  holds: () => false,
}
const KEYS = [
  'listen',
  'admin',
  'store',
  'secret_key',
  'hosts',
  'repositories',
  'upstream',
  'log',
  'acme/js',
  'format',
]

function parse(text: string): LoadResult {
  return parseConfig(text, PLACES, {})
}

/** A refusal has mistakes, and each stands somewhere in the text. */
function expectSense(text: string): void {
  const result = parse(text)
  if (result.ok) return
  const lines = text.split(/\r\n|[\r\n]/)
  expect(result.mistakes).not.toHaveLength(0)
  for (const { line, column, message } of result.mistakes) {
    expect(line).toBeGreaterThanOrEqual(1)
    expect(line).toBeLessThanOrEqual(lines.length)
    expect(column).toBeGreaterThanOrEqual(1)
    expect(message).not.toBe('')
  }
}

test('any text gives a configuration or mistakes, never an exception', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), expectSense), { numRuns: 500 })
})

test('any sequence of YAML marks gives a configuration or mistakes, never an exception', () => {
  const marks = [
    ': ',
    '- ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '&a ',
    '*a',
    '!t ',
    '? ',
    '"',
    "'",
    '#',
    '|\n',
    '<<',
    '---\n',
  ]
  const piece = fc.constantFrom(...marks, ...KEYS, '${X}', '__proto__', '%YAML 1.1\n', '!!set ', '!!merge ')
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      expectSense,
    ),
    { numRuns: 800 },
  )
})

test('any value at any key gives a configuration or mistakes, never an exception', () => {
  const key = fc.oneof(fc.constantFrom(...KEYS), fc.string())
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, fc.jsonValue({ maxDepth: 1 }), fc.dictionary(key, tie('tree'))),
  }))
  fc.assert(
    fc.property(
      tree.map((value) => stringify(value)),
      expectSense,
    ),
    { numRuns: 400 },
  )
})

test.each([
  '['.repeat(50_000),
  '{a: '.repeat(50_000),
  '- '.repeat(50_000),
  'a: &a [*a]',
  '&a {b/c: *a}',
  '- *a',
])('a text that is nested endlessly is refused (%#)', (text) => {
  expect(parse(text).ok).toBe(false)
})

test.each([
  '? {!!merge <<: 1}\n: 1',
  '? [!!merge <<, {a: 1}]',
  '? {? {!!merge <<: 1} : 2} : 3\n? {? {!!merge <<: 1} : 2} : 4',
])('a key that can not be written as text is refused (%#)', (text) => {
  expectSense(text)
  expect(parse(text).ok).toBe(false)
})

test('an empty text is refused at its first line', () => {
  expect(parse('')).toEqual({
    ok: false,
    mistakes: [
      { path: '', message: 'the file is empty; it needs at least repositories', line: 1, column: 1 },
    ],
  })
})

test('no mistake, wherever it is, prints the secret key', () => {
  const secret = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 8, maxLength: 64 })
  const before = fc.constantFrom(
    'secret_key: ',
    'secret_key:',
    'secret_key= ',
    'secretkey: @',
    'secret_key: "',
    'secret_key: [',
  )
  const after = fc.constantFrom('', '"', ': x', '"x"', ']', '\n\tx', '}', '${')
  const around = fc.tuple(before, secret, after)
  fc.assert(
    fc.property(around, ([left, key, right]) => {
      const result = parse(`listen: 1\n${left}${key}${right}\nlog: 1\n`)
      expect(result.ok ? '' : renderMistakes('file', result.mistakes)).not.toContain(key)
    }),
    { numRuns: 400 },
  )
})

test('mistakes are rendered a line each, with their place, and counted', () => {
  const mistakes = [
    { path: 'listen', message: 'is wrong', line: 3, column: 9 },
    { path: '', message: 'the text here is not valid', line: 4, column: 1 },
  ]
  expect(renderMistakes('postern.yaml', mistakes)).toBe(
    [
      'postern.yaml:3:9  listen: is wrong',
      'postern.yaml:4:1  the text here is not valid',
      '2 mistakes in postern.yaml',
    ].join('\n'),
  )
})

test('a file that could not be read is rendered without a position', () => {
  const mistakes = [{ path: '', message: "the file can't be read", line: 0, column: 0 }]
  expect(renderMistakes('postern.yaml', mistakes)).toBe(
    "postern.yaml  the file can't be read\n1 mistake in postern.yaml",
  )
})

import type { JsonSchema } from '../../../src/admin/openapi/json-schema.ts'
import { validatorOf } from './conformance.ts'
import { componentOf, exampleOf, type Documented } from './operations.ts'

/** Levels of an object that is too deep for anything. */
const DEEP = 40
const MANY = 1_001

/** Values that hardly any field takes, and that each field has to survive. */
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  2 ** 53,
  1e21,
  '',
  ' ',
  'x',
  'true',
  '2030-02-30T00:00:00Z',
  'ftp://example.com/',
  '\u0000',
  'a\nb',
  '\uD800',
  '\u202Ex',
  "';--",
  '../..',
  'x'.repeat(600),
  'x'.repeat(20_000),
  [],
  [null],
  [1],
  ['\u0000'],
  ['x'.repeat(600)],
  [['a']],
  Array.from({ length: MANY }, (_, index) => `acme/${index}`),
  {},
  { a: '\uD800' },
  { text: 'x'.repeat(20_000) },
  deep(DEEP),
  JSON.parse('{"__proto__": {"is_active": true}}'),
]

/** Names of fields that no operation has. */
const UNKNOWN = ['no_such_field', '__proto__', 'constructor', 'toString', 'Name', 'x'.repeat(5_000), '\u0000']

/** A body to send, as text: some of what JSON can say no value of JavaScript does. */
export interface Body {
  readonly text: string
  /** What was broken about it. */
  readonly field: string
  /** The operation has this field. */
  readonly isKnown: boolean
  /** Whether the document itself says that it is not to be sent. */
  readonly isAgainstDocument: boolean
}

function deep(levels: number): unknown {
  return levels === 0 ? 1 : { a: deep(levels - 1) }
}

/** Bodies of an operation with one thing wrong in each: every field with every value, unknown fields, and fields that are missing. */
export function bodiesOf(documented: Documented): readonly Body[] {
  const { requestBody } = documented.operation
  const media = requestBody?.content['application/json'] as { readonly schema: JsonSchema } | undefined
  if (media === undefined) return []
  const schema = componentOf(String(media.schema['$ref']))
  const example = exampleOf(documented.operation)
  const isList = schema['type'] === 'array'
  const [fields, start] = isList
    ? [componentOf(String((schema['items'] as JsonSchema)['$ref'])), (example as readonly object[])[0]]
    : [schema, example]
  const asBody = (row: string): string => (isList ? `[${row}]` : row)
  const isAllowed = (text: string): boolean => validatorOf(fields)(JSON.parse(text))
  const entries = Object.entries(start ?? {})
  const known = Object.keys((fields['properties'] ?? {}) as object)
  const make = (field: string, row: string): Body => ({
    text: asBody(row),
    field,
    isKnown: known.includes(field),
    isAgainstDocument: !isAllowed(row),
  })
  const withField = (name: string, value: unknown): Body =>
    make(name, objectText([...entries.filter(([other]) => other !== name), [name, value]]))
  const required = (fields['required'] ?? []) as readonly string[]
  return [
    ...known.flatMap((name) => VALUES.map((value) => withField(name, value))),
    ...UNKNOWN.map((name) => ({ ...withField(name, 1), isAgainstDocument: true })),
    ...required.map((name) => make(name, objectText(entries.filter(([other]) => other !== name)))),
  ]
}

/** Unlike an object literal it can have a field `__proto__`. */
function objectText(entries: readonly (readonly [name: string, value: unknown])[]): string {
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
}

/** A query with one value that is none of the parameter's. */
export interface Query {
  readonly name: string
  readonly text: string
  readonly isAgainstDocument: boolean
}

const TEXTS = [
  '',
  ' ',
  'x',
  '-1',
  '1e9',
  '99999999999999999999',
  '2030-02-30',
  '9999-12-31T23:59:59Z',
  '%00',
  '%FF',
  '%ED%A0%80',
  '%zz',
  '%F0%9F%98%80',
  '%27%20OR%201%3D1--',
  '%2E%2E%2F',
  '*',
  '(',
  '__proto__',
  'x'.repeat(5_000),
  Array.from({ length: 2_000 }, () => 'a').join(','),
]

/** What clients send for what they do not ask for: up to the operation. */
const EMPTY = new Set(['', ' '])

/** Queries of an operation, one parameter broken in each. */
export function queriesOf({ operation }: Documented): readonly Query[] {
  return operation.parameters.flatMap((parameter) => {
    const name = String(parameter['name'])
    if (parameter['in'] !== 'query') return []
    const names = (parameter['schema'] as { readonly enum?: readonly string[] }).enum
    return TEXTS.map((text) => ({
      name,
      text: `${name}=${text}`,
      isAgainstDocument: names !== undefined && !names.includes(text) && !EMPTY.has(text),
    }))
  })
}

/** What stands where a name stands in a path. Dots would be taken away by the client. */
export const NAMES: readonly string[] = [
  '%00',
  '%FF',
  '%zz',
  '%2F',
  'a%2Fb',
  '%20',
  '__proto__',
  'constructor',
  "'--",
  '%F0%9F%98%80',
  '%ED%A0%80',
  '-1',
  'x'.repeat(3_000),
]

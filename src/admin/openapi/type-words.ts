import type { JsonSchema } from './json-schema.ts'

const MOST_CHOICES = 12

/** What a schema takes, in a few plain words. `quote`: how a word of JSON is set off. */
export function describeType(schema: JsonSchema, quote: (word: string) => string = String): string {
  const { type, enum: names, const: value } = schema
  if (Object.hasOwn(schema, 'const')) return quote(JSON.stringify(value))
  const choices = (Array.isArray(names) ? names : []) as readonly unknown[]
  if (choices.length > 0 && choices.length <= MOST_CHOICES) {
    return choices.map((each) => quote(String(each))).join(', ')
  }
  const types = (Array.isArray(type) ? type : [type]) as readonly string[]
  const words = types.filter((each) => each !== 'null').map((each) => wordOf(each, schema, quote))
  return [...words, ...boundsOf(schema), ...(types.includes('null') ? ['or null'] : [])].join(' ')
}

function wordOf(type: string, { format, items }: JsonSchema, quote: (word: string) => string): string {
  switch (type) {
    case 'array':
      return `list of ${wordOf(String((items as JsonSchema | undefined)?.['type']), {}, quote)}s`
    case 'string':
      return { 'date-time': 'instant', uri: 'URL' }[String(format)] ?? 'text'
    case 'integer':
      return 'whole number'
    case 'boolean':
      return `${quote('true')} or ${quote('false')}`
    default:
      return type
  }
}

function boundsOf({ minLength, maxLength, minimum, maximum, maxItems }: JsonSchema): readonly string[] {
  const isBounded = typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER
  return [
    ...(maxLength === undefined ? [] : [`of ${String(minLength ?? 0)} to ${String(maxLength)} characters`]),
    ...(isBounded ? [`from ${String(minimum)} to ${maximum}`] : []),
    ...(maxItems === undefined ? [] : [`with at most ${String(maxItems)} entries`]),
  ]
}

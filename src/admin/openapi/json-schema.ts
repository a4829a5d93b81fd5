import { z } from 'zod'

/** A schema of JSON Schema 2020-12, as OpenAPI 3.1 has them. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

type Properties = Readonly<Record<string, JsonSchema>>

export function text(description: string, more: JsonSchema = {}): JsonSchema {
  return { type: 'string', description, ...more }
}

export function instant(description: string): JsonSchema {
  return text(description, { format: 'date-time' })
}

export function url(description: string): JsonSchema {
  return text(description, { format: 'uri' })
}

/** A whole number from 0 on. */
export function count(description: string): JsonSchema {
  return { type: 'integer', minimum: 0, description }
}

export function flag(description: string): JsonSchema {
  return { type: 'boolean', description }
}

/** Cloudsmith's fields that nothing stands behind here. */
export function always(value: unknown, description = 'Always this, for Cloudsmith’s clients.'): JsonSchema {
  return { const: value, description }
}

export function oneOf(names: readonly string[], description: string): JsonSchema {
  return { type: 'string', enum: names, description }
}

export function listOf(items: JsonSchema, description?: string): JsonSchema {
  return { type: 'array', items, ...(description === undefined ? {} : { description }) }
}

/** An object that has all of the properties. */
export function record(properties: Properties, more: JsonSchema = {}): JsonSchema {
  return { type: 'object', ...more, required: Object.keys(properties), properties }
}

/** The same, or null. */
export function orNull(schema: JsonSchema): JsonSchema {
  const { enum: names } = schema
  return {
    ...schema,
    type: [schema['type'], 'null'],
    ...(Array.isArray(names) ? { enum: [...(names as readonly unknown[]), null] } : {}),
  }
}

export function refTo(schema: string): JsonSchema {
  return { $ref: `#/components/schemas/${schema}` }
}

/** What `schema` takes, in the words of JSON Schema. What those can't say is left to descriptions, and to the errors of the API. */
export function inputOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return unfold(rest)
}

/** Properties of an object that `schema` takes. */
export function propertiesOf(schema: JsonSchema): Properties {
  return Object.fromEntries(
    Object.entries(schema['properties'] ?? {}).map(([name, property]) => [
      name,
      unfold(property as JsonSchema),
    ]),
  )
}

/** The object that `schema` takes, each field with its description. */
export function bodyOf(schema: z.ZodType, descriptions: Readonly<Record<string, string>>): JsonSchema {
  const body = inputOf(schema)
  return { ...body, properties: describeFields(propertiesOf(body), descriptions) }
}

/** `{anyOf: [A, null]}` reads better as A with one more type. */
function unfold(schema: JsonSchema): JsonSchema {
  const { anyOf, ...rest } = schema
  const [first, second, ...others] = (anyOf ?? []) as readonly JsonSchema[]
  const isFoldable = second?.['type'] === 'null' && others.length === 0 && typeof first?.['type'] === 'string'
  return first !== undefined && isFoldable ? { ...orNull(first), ...rest } : schema
}

/** `properties`, each with its description; a name without one is a mistake of ours. */
export function describeFields(
  properties: Properties,
  descriptions: Readonly<Record<string, string>>,
): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const description = descriptions[name]
      if (description === undefined) throw new Error(`The field ${name} has no description`)
      return [name, { ...property, description }]
    }),
  )
}

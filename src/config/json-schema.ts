import { z } from 'zod'
import { createPlaces } from './places.ts'
import { createSchema } from './schema.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** The JSON schema of configuration files, for editors, as text. Made from the schema that checks them. */
export function renderJsonSchema(): string {
  const schema = z.toJSONSchema(createSchema(createPlaces('postern.yaml')), {
    io: 'input',
    override: ({ jsonSchema }) => allowVariable(jsonSchema),
  })
  return `${JSON.stringify({ title: 'Postern configuration', ...schema }, null, 2)}\n`
}

/** `${NAME}` is text to an editor, wherever it stands. */
function allowVariable(schema: JsonSchema): void {
  const { type, enum: words, minimum, maximum, minLength } = schema
  if (type !== 'integer' && type !== 'boolean' && words === undefined && minLength === undefined) return
  const plain = Object.entries({ type, enum: words, minimum, maximum, minLength })
  for (const [name] of plain) delete schema[name]
  const given = Object.fromEntries(plain.filter(([, value]) => value !== undefined))
  schema.anyOf = [given, { type: 'string', pattern: String.raw`\$\{` }]
}

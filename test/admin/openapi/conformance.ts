import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { JsonSchema } from '../../../src/admin/openapi/json-schema.ts'
import { API } from '../../docs/openapi-document.ts'
import type { Answered } from '../api.ts'
import { componentOf, OPERATIONS, type Documented } from './operations.ts'

const ajv = new Ajv2020({ allErrors: true, strict: false })
// The types of its module say that the function is a property of it.
;(addFormats as unknown as (to: Ajv2020) => void)(ajv)
ajv.addSchema(closed(API.components) as object, 'components')

/** The same, but answers may have nothing that the document does not tell of. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === '$ref' ? String(each).replace('#/components', 'components#') : closed(each),
    ]),
  )
  const isObject = copy['type'] === 'object' && Object.hasOwn(copy, 'properties')
  return isObject ? { additionalProperties: false, ...copy } : copy
}

const validators = new Map<string, ValidateFunction>()

/** Judges values by a schema of the document. */
export function validatorOf(schema: JsonSchema): ValidateFunction {
  const key = JSON.stringify(schema)
  const known = validators.get(key)
  if (known !== undefined) return known
  const compiled = ajv.compile(closed(schema) as object)
  validators.set(key, compiled)
  return compiled
}

/** Templates as expressions; those of more literal text first, as `sync` goes before `{slug_perm}`. */
const PATHS = OPERATIONS.map((documented) => {
  const pattern = documented.path.replace(/\/$/, '').replaceAll(/\{\w+\}/g, '[^/]+')
  return {
    documented,
    expression: new RegExp(`^(?:/v1)?${pattern}/?$`),
    slots: pattern.split('[^/]+').length,
  }
}).toSorted((one, other) => one.slots - other.slots)

/** The operation that a request is for; undefined: none of the document. */
export function operationAt(method: string, target: string): Documented | undefined {
  const [path = ''] = target.split('?')
  const asked = method === 'HEAD' ? 'GET' : method
  const there = PATHS.filter(({ expression }) => expression.test(path))
  const first = there[0]?.documented.path
  return there.find(({ documented }) => documented.path === first && documented.method === asked)?.documented
}

interface Response {
  readonly headers?: Readonly<Record<string, JsonSchema>>
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>
}

/** What of an answer the document does not say, or says otherwise; empty when all is well. */
export function violationsOf({ title, operation }: Documented, answer: Answered): string[] {
  const documented = operation.responses[String(answer.status)]
  if (documented === undefined) return [`${title}: the status ${answer.status} is not in the document`]
  const response = resolve(documented) as Response
  return [...headerViolations(response, answer), ...bodyViolations(response, answer)].map(
    (problem) => `${title} ${answer.status}: ${problem}`,
  )
}

function resolve(schema: JsonSchema): JsonSchema {
  const { $ref: reference } = schema
  return typeof reference === 'string' ? componentOf(reference) : schema
}

function headerViolations({ headers = {} }: Response, answer: Answered): string[] {
  return Object.entries(headers).flatMap(([name, header]) => {
    const { required, schema } = resolve(header) as {
      readonly required: boolean
      readonly schema: JsonSchema
    }
    const value = answer.headers.get(name)
    if (value === null) return required ? [`the header ${name} is missing`] : []
    const typed = schema['type'] === 'integer' ? Number(value) : value
    return validatorOf(schema)(typed) ? [] : [`the header ${name} is ${value}`]
  })
}

function bodyViolations({ content }: Response, { headers, body, text }: Answered): string[] {
  if (content === undefined) return text === '' ? [] : ['there is a body']
  const [type = ''] = (headers.get('content-type') ?? '').split(';')
  const media = content[type]
  if (media === undefined) return [`the type ${type} is not in the document`]
  const validate = validatorOf(media.schema)
  const value = type === 'application/json' ? body : text
  if (validate(value)) return []
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}

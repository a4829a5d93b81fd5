import { rightsOf, ROLES } from '../../policy/roles.ts'
import type { Needs } from '../permission.ts'
import type { Route } from '../routes.ts'
import { TAGS, type Description } from './descriptions/description.ts'
import { DESCRIPTIONS } from './descriptions/descriptions.ts'
import { refTo, type JsonSchema } from './json-schema.ts'
import { keySchemas } from './key-schemas.ts'
import { otherSchemas } from './other-schemas.ts'
import { IF_MATCH, pathParameter, queryParameter } from './parameters.ts'
import { ERROR_RESPONSES, HEADERS, responsesOf } from './replies.ts'
import { tokenSchemas } from './token-schemas.ts'
import { USAGE_SCHEMAS } from './usage-schemas.ts'
import { webhookSchemas } from './webhook-schemas.ts'

/** One operation of the document. */
export interface OpenApiOperation extends JsonSchema {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly parameters: readonly JsonSchema[]
  readonly requestBody?: { readonly required: boolean; readonly content: JsonSchema }
  readonly responses: Readonly<Record<string, JsonSchema>>
  /** Empty: no key is needed. */
  readonly security?: readonly JsonSchema[]
  readonly 'x-postern-needs'?: {
    readonly can: string
    readonly over: string
    readonly roles: readonly string[]
  }
}

/** A description of the API as OpenAPI 3.1 (spec.openapis.org/oas/v3.1). */
export interface OpenApiDocument extends JsonSchema {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  /** By path, and by method in small letters. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly [kind: string]: unknown
  }
}

const INTRODUCTION = [
  'Entitlement tokens in front of your package storage. Paths, fields and shapes are Cloudsmith’s, where it has them.',
  'Every path is also there below /v1, and with or without its last slash. HEAD is answered where GET is.',
  'Errors have `detail`, a sentence, and `code`, a word that stays; where fields are wrong, `fields` says what is.',
  '`x-postern-needs` says what a key has to be allowed, over what, and which roles are.',
].join('\n\n')

/**
 * Describes `routes`. What is not offered is left out. `baseUrl`: how clients reach the API.
 * @throws for a route without a description, and for a description without a route.
 */
export function describeApi(routes: readonly Route[], baseUrl = ''): OpenApiDocument {
  const entries = routes.flatMap((route) => pathOf(route))
  const used = new Set(entries.flatMap(([, operations]) => Object.values(operations)).map(idOf))
  const unused = Object.values(DESCRIPTIONS).filter(({ id }) => !used.has(id))
  if (unused.length > 0) throw new Error(`No route is described by ${unused.map(({ id }) => id).join(', ')}`)
  return {
    openapi: '3.1.0',
    info: { title: 'Postern management API', version: 'v1', description: INTRODUCTION },
    servers: [{ url: baseUrl === '' ? '/' : baseUrl }, { url: `${baseUrl}/v1` }],
    security: [{ key: [] }, { token: [] }, { basic: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: Object.fromEntries(entries),
    components: componentsOf(),
  }
}

function idOf({ operationId }: OpenApiOperation): string {
  return operationId
}

type Path = readonly [path: string, operations: Readonly<Record<string, OpenApiOperation>>]

function pathOf(route: Route): readonly Path[] {
  if ('notOffered' in route) return []
  const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
  if ('open' in route) {
    return [[path, { get: operationOf('GET', route.path, { needs: undefined, isConditional: false }) }]]
  }
  const operations = Object.entries(route.methods).map(([method, { needs, conditional }]) => [
    method.toLowerCase(),
    operationOf(method, route.path, { needs, isConditional: conditional === true }),
  ])
  return [[`${path}/`, Object.fromEntries(operations)]]
}

interface Asked {
  /** undefined: no key. */
  readonly needs: Needs | undefined
  readonly isConditional: boolean
}

function operationOf(method: string, path: string, asked: Asked): OpenApiOperation {
  const description = DESCRIPTIONS[`${method} ${path}`]
  if (description === undefined)
    throw new Error(`${method} ${path} has no description in openapi/descriptions`)
  const { id, tag, summary, more } = description
  return {
    operationId: id,
    summary,
    ...(more === undefined ? {} : { description: more }),
    tags: [tag],
    parameters: parametersOf(path, description, asked.isConditional),
    ...bodyOf(method, description),
    responses: responsesOf({ method, path, ...asked, description }),
    ...needsOf(asked.needs),
  }
}

function parametersOf(path: string, { query = [] }: Description, isConditional: boolean): JsonSchema[] {
  return [
    ...Array.from(path.matchAll(/:(\w+)/g), ([, name = '']) => pathParameter(name)),
    ...query.map(queryParameter),
    ...(isConditional ? [{ $ref: '#/components/parameters/IfMatch' }] : []),
  ]
}

/** Bodies that may be empty are not required. */
const NEVER_REQUIRED: ReadonlySet<string> = new Set(['NoFields', 'PurgeRequest', 'TokenRefresh'])

function bodyOf(method: string, { body, takesRows }: Description): Pick<OpenApiOperation, 'requestBody'> {
  if (method !== 'POST' && method !== 'PATCH') return {}
  const schema = body ?? 'NoFields'
  const string = { schema: { type: 'string' } }
  const rows = takesRows === true ? { 'application/x-ndjson': string, 'text/csv': string } : {}
  const content = { 'application/json': { schema: refTo(schema) }, ...rows }
  return { requestBody: { required: !NEVER_REQUIRED.has(schema), content } }
}

const OVER = {
  path: 'the repository of the path',
  owner: 'all repositories of the owner',
  body: 'the repository of the body, or everything',
  everywhere: 'everything',
  covered: 'what the key covers',
} as const

function needsOf(needs: Needs | undefined): Partial<OpenApiOperation> {
  if (needs === undefined) return { security: [] }
  if (needs === 'any key') return { 'x-postern-needs': { can: needs, over: 'nothing', roles: ROLES } }
  const { can, where } = needs
  const roles = ROLES.filter((role) => rightsOf(role).includes(can))
  return { 'x-postern-needs': { can, over: OVER[where], roles } }
}

function componentsOf(): OpenApiDocument['components'] {
  return {
    securitySchemes: {
      key: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'A key of this API.' },
      token: {
        type: 'apiKey',
        in: 'header',
        name: 'Authorization',
        description: '`token KEY` or `Bearer KEY`.',
      },
      basic: { type: 'http', scheme: 'basic', description: 'Any name, with the key as password.' },
    },
    parameters: { IfMatch: IF_MATCH },
    headers: HEADERS,
    responses: ERROR_RESPONSES,
    schemas: {
      ...tokenSchemas(),
      ...USAGE_SCHEMAS,
      ...keySchemas(),
      ...webhookSchemas(),
      ...otherSchemas(),
    },
  }
}

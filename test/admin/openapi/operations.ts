import { ulid } from 'ulid'
import type { JsonSchema } from '../../../src/admin/openapi/json-schema.ts'
import type { OpenApiOperation } from '../../../src/admin/openapi/document.ts'
import type { Explanation } from '../../../src/gateway/explain.ts'
import { API } from '../../docs/openapi-document.ts'
import type { Api } from '../api.ts'

/** An operation of the document, with where it stands there. */
export interface Documented {
  /** `GET /entitlements/{owner}/`. */
  readonly title: string
  readonly method: string
  readonly path: string
  readonly operation: OpenApiOperation
}

export const OPERATIONS: readonly Documented[] = Object.entries(API.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    title: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    operation,
  })),
)

/** What an API without a gate behind it says of a request. */
export const EXPLANATION: Explanation = {
  allowed: false,
  token: null,
  steps: [{ step: 'client', ok: true, result: 'The client is 203.0.113.7.' }],
  answer: { status: 403, code: 'token_expired', title: 'Expired', detail: 'It has expired.' },
}

const CLIENT = '192.0.2.9'

/** Makes one of everything that a path can name, and something in every list; gives the path with the names of these. */
export async function furnish(api: Api, path: string): Promise<string> {
  const { slug_perm: token } = await api.create()
  const clients = new Map([[CLIENT, 1]])
  await api.store.usage.record([{ token, downloads: 1, bytes: 1, clients, lastUsedAt: Date.now() }])
  const eulaAccepted = { 'acme/stable': { revision: 1, at: Date.now(), address: CLIENT } }
  const accepted = { eulaAccepted, updatedAt: Date.now(), updatedBy: 'customer' }
  await api.store.tokens.update('acme', 'stable', token, accepted)
  const key = await made(api, '/keys/', { name: 'Made', role: 'viewer', repositories: ['acme/*'] })
  const webhook = await made(api, '/webhooks/acme/', { target_url: 'https://example.com/' })
  const delivery = await made(api, `/webhooks/acme/${webhook}/ping/`)
  return fill(path, {
    owner: 'acme',
    repo: 'stable',
    slug_perm: path.startsWith('/keys') ? key : token,
    address: CLIENT,
    name: 'hello',
    id: webhook,
    delivery,
  })
}

/** The path with names of things that are not there, in a repository that is. */
export function fillWithNothing(path: string): string {
  const nothing = { slug_perm: ulid(), id: ulid(), delivery: ulid(), address: CLIENT, name: 'nothing' }
  return fill(path, { owner: 'acme', repo: 'stable', ...nothing })
}

function fill(path: string, names: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = names[name]
    if (value === undefined) throw new Error(`The tests of the document know nothing to put for {${name}}`)
    return value
  })
}

async function made(api: Api, path: string, body?: unknown): Promise<string> {
  const answer = await api.call('POST', path, body)
  if (answer.status >= 300) throw new Error(`${path} made nothing: ${answer.text}`)
  return (answer.body as { slug_perm: string }).slug_perm
}

const SHOWN = 40

/** How many tokens, keys, webhooks, lines of the log and deliveries there are, and what the API shows of the newest; but for when keys were used. */
export async function stateOf({ call, store }: Api): Promise<readonly string[]> {
  const page = `?page_size=${SHOWN}&show_tokens=true`
  const paths = [
    `/entitlements/acme/${page}&sort=-created`,
    '/keys/?page_size=500',
    '/webhooks/acme/',
    `/audit-log/${page}`,
  ]
  const answers = await Promise.all(paths.map((path) => call('GET', path)))
  const shown = answers.map(({ headers, text }) => {
    const lasting = text.replaceAll(/"last_used_(at|from)":("[^"]*"|null)/g, '')
    return `${headers.get('x-pagination-count')} ${lasting}`
  })
  return [...shown, JSON.stringify(await store.events.counts())]
}

/** The example of its body; undefined: it takes none. */
export function exampleOf({ requestBody }: OpenApiOperation): unknown {
  const json = requestBody?.content['application/json'] as { schema: { $ref: string } } | undefined
  if (json === undefined) return undefined
  const { examples = [] } = componentOf(json.schema.$ref) as { examples?: readonly unknown[] }
  return examples[0]
}

/** What `#/components/…/…` names. */
export function componentOf(reference: string): JsonSchema {
  const [, , kind = '', name = ''] = reference.split('/')
  const components = API.components[kind] as Readonly<Record<string, JsonSchema>>
  return components[name] ?? {}
}

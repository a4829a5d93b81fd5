import type { Request, Router } from 'express'
import type { ApiKey } from '../store/contract.ts'
import { send, type Answer } from './answer.ts'
import type { Authenticate } from './auth.ts'
import { readBody } from './body.ts'
import { crossSite, methodNotAllowed } from './errors.ts'
import { baseUrlOf, isCrossSite } from './origin.ts'

/** A request whose sender is known. */
export interface Call {
  readonly key: ApiKey
  /** A parameter of the path; empty when the path has none of that name. */
  readonly param: (name: string) => string
  /** A parameter of the query; the last one when it is repeated. */
  readonly query: (name: string) => string | undefined
  /** Fields of the body; none when it is empty or the method takes no body. */
  readonly body: Readonly<Record<string, unknown>>
  /** What URLs in the answer begin with. */
  readonly base: string
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
export type Handler = (call: Call) => Answer | Promise<Answer>

/** A path and what can be done there, with a key; or what everybody can read there. */
export type Route =
  | { readonly path: string; readonly methods: Readonly<Partial<Record<Method, Handler>>> }
  | { readonly path: string; readonly open: () => Answer | Promise<Answer> }

/** What a request passes before its handler: method, origin, key, body, in this order. */
export interface Checks {
  readonly authenticate: Authenticate
  readonly baseUrl: string | undefined
}

/** Adds `route` to `router`. HEAD is answered where GET is. */
export function addRoute(router: Router, route: Route, checks: Checks): void {
  router.all(route.path, async (request, response) => {
    send(response, await answer(route, request, checks))
  })
}

async function answer(route: Route, request: Request, checks: Checks): Promise<Answer> {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if ('open' in route) return method === 'GET' ? route.open() : methodNotAllowed(['GET', 'HEAD'])
  const handler = Object.entries(route.methods).find(([name]) => name === method)?.[1]
  if (handler === undefined) return methodNotAllowed(allowedBy(route.methods))
  if (isCrossSite(request)) return crossSite()
  const authentication = await checks.authenticate(request)
  if (!authentication.ok) return authentication.answer
  const body = method === 'POST' || method === 'PATCH' ? await readBody(request) : NO_BODY
  if (!body.ok) return body.answer
  return handler({
    key: authentication.key,
    param: (name) => lastOf(request.params[name]) ?? '',
    query: (name) => lastOf(request.query[name]),
    body: body.fields,
    base: baseUrlOf(request, checks.baseUrl),
  })
}

const NO_BODY = { ok: true, fields: {} } as const

function allowedBy(methods: Readonly<Partial<Record<Method, Handler>>>): string[] {
  return Object.keys(methods).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}

function lastOf(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' ? last : undefined
}

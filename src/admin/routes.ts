import type { Request, Router } from 'express'
import { userAgentOf } from './actor.ts'
import type { Admit } from './admission.ts'
import { send, type Answer } from './answer.ts'
import type { Authenticate, Authentication, SessionControl } from './auth.ts'
import { readBody, readUpload, type Upload } from './body.ts'
import { crossSite, invalid, methodNotAllowed, notOffered, unconditional } from './errors.ts'
import { baseUrlOf, isCrossSite, isOfConsole } from './origin.ts'
import { refuse, type Needs } from './permission.ts'
import type { Actor, Principal } from './principal.ts'

/** A request whose sender is known. */
export interface Call {
  readonly principal: Principal
  /** The same for the records. */
  readonly actor: Actor
  /** What the client calls itself. */
  readonly userAgent: string | null
  /** GET also for HEAD. */
  readonly method: Method
  /** A parameter of the path; empty when the path has none of that name. */
  readonly param: (name: string) => string
  /** A parameter of the query; the last one when it is repeated. */
  readonly query: (name: string) => string | undefined
  /** Fields of the body; none when it is empty or the method takes no body. */
  readonly body: Readonly<Record<string, unknown>>
  /** The body of an operation that takes an upload; undefined for others. */
  readonly upload?: Upload | undefined
  /** What `If-Match` says; only for operations that are `conditional`. */
  readonly ifMatch: string | undefined
  /** What URLs in the answer begin with. */
  readonly base: string
  readonly session: SessionControl
}

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const

type Method = (typeof METHODS)[number]
export type Handler = (call: Call) => Answer | Promise<Answer>

/** What is done, and what it needs of whoever asks for it. */
export interface Operation {
  readonly needs: Needs
  readonly handle: Handler
  /** A change that honours `If-Match`. Others refuse a request that has one: its condition must not be passed over in silence. */
  readonly conditional?: true
  /** Takes a body that is no object of fields, of so many bytes at most. */
  readonly uploadBytes?: number
}

type Operations = Readonly<Partial<Record<Method, Operation>>>

/** A path and what can be done there, with a key; or what everybody can read there; or why Cloudsmith's path leads nowhere here. */
export type Route =
  | { readonly path: string; readonly methods: Operations }
  | { readonly path: string; readonly open: () => Answer | Promise<Answer> }
  | { readonly path: string; readonly notOffered: string }

/** For what takes no fields: nothing that was asked for may be passed over in silence. */
export function withoutFields(handle: Handler): Handler {
  return (call): Answer | Promise<Answer> => {
    const names = Object.keys(call.body)
    if (names.length === 0) return handle(call)
    return invalid(new Map([['non_field_errors', ['No fields can be set here.']]]))
  }
}

/** What a request passes before its handler: method, origin, key, body, permission, and that there is room for it, in this order. */
export interface Checks {
  readonly authenticate: Authenticate
  readonly admit: Admit
  readonly baseUrl: string | undefined
}

/** Adds `route` to `router`. HEAD is answered where GET is. */
export function addRoute(router: Router, route: Route, checks: Checks): void {
  router.all(route.path, async (request, response) => {
    await send(response, await answer(route, request, checks))
  })
}

async function answer(route: Route, request: Request, checks: Checks): Promise<Answer> {
  const asked = request.method === 'HEAD' ? 'GET' : request.method
  if ('notOffered' in route) return notOffered(route.notOffered)
  if ('open' in route) return asked === 'GET' ? route.open() : methodNotAllowed(['GET', 'HEAD'])
  const method = METHODS.find((name) => name === asked)
  const operation = method && route.methods[method]
  if (method === undefined || operation === undefined) return methodNotAllowed(allowedBy(route.methods))
  if (isCrossSite(request)) return crossSite()
  const first = await checks.authenticate(request)
  if (!first.ok) return withoutChallenge(request, first.answer)
  const takesBody = method === 'POST' || method === 'PATCH'
  const body = takesBody ? await readAny(request, operation) : NO_BODY
  if (!body.ok) return body.answer
  // A body may take minutes to come.
  const sender: Authentication = takesBody ? await first.again() : first
  if (!sender.ok) return withoutChallenge(request, sender.answer)
  const { principal, address, session } = sender
  const ifMatch = request.headers['if-match']
  const param = (name: string): string => lastOf(request.params[name]) ?? ''
  const answered = await (refuse(principal, operation.needs, { param, body: body.fields }) ??
    refuseCondition(method, operation, ifMatch) ??
    checks.admit(
      () =>
        operation.handle({
          principal,
          actor: { id: principal.id, name: principal.name, address },
          userAgent: userAgentOf(request),
          method,
          param,
          query: (name) => lastOf(request.query[name]),
          body: body.fields,
          upload: body.upload,
          ifMatch,
          base: baseUrlOf(request, checks.baseUrl),
          session,
        }),
      () => request.socket.destroyed,
    ))
  return withRenewal(answered, session.renewal)
}

/** What a handler itself says of the session stands. */
function withRenewal(given: Answer, renewal: string | undefined): Answer {
  if (renewal === undefined) return given
  return { ...given, headers: { 'Set-Cookie': renewal, ...given.headers } }
}

/** At a challenge a browser opens a window of its own, before the console can ask. */
function withoutChallenge(request: Request, given: Answer): Answer {
  if (!isOfConsole(request)) return given
  const { 'WWW-Authenticate': _, ...headers } = given.headers
  return { ...given, headers }
}

function refuseCondition(
  method: Method,
  { conditional }: Operation,
  ifMatch: string | undefined,
): Answer | undefined {
  return method === 'GET' || conditional === true || ifMatch === undefined ? undefined : unconditional()
}

const NO_BODY = { ok: true, fields: {}, upload: undefined } as const

type AnyBody =
  | { readonly ok: true; readonly fields: Call['body']; readonly upload: Upload | undefined }
  | { readonly ok: false; readonly answer: Answer }

async function readAny(request: Request, { uploadBytes }: Operation): Promise<AnyBody> {
  if (uploadBytes === undefined) {
    const read = await readBody(request)
    return read.ok ? { ...read, upload: undefined } : read
  }
  const read = await readUpload(request, uploadBytes)
  return read.ok ? { ...NO_BODY, upload: read.upload } : read
}

function allowedBy(methods: Operations): string[] {
  return Object.keys(methods).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}

function lastOf(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' ? last : undefined
}

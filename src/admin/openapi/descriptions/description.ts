/** Groups of operations, in the order in which they are shown. */
export const TAGS = {
  Tokens:
    'Entitlement tokens, with the names and shapes of Cloudsmith’s API. docs/tokens.md has every field.',
  Usage: 'What was downloaded, by whom and when.',
  Repositories: 'Repositories of the configuration.',
  Keys: 'Keys of this API. docs/keys.md says what roles may do.',
  'Audit log': 'Who changed what.',
  Webhooks: 'Where events are sent to. docs/events.md has the events.',
  Gate: 'What the gate does and remembers.',
  Service: 'What machines watch and clients ask first.',
} as const

/** What an operation answers when all is well. */
export interface Reply {
  readonly status: number
  /** Name of a component; undefined: nothing, or text. */
  readonly schema?: string
  /** `page`: a list with headers about its pages. `figures`: an object with the same headers. `log`: a list that goes on at `Link`. */
  readonly form:
    | 'object'
    | 'list'
    | 'page'
    | 'figures'
    | 'log'
    | 'lines'
    | 'text'
    | 'html'
    | 'document'
    | 'nothing'
  /** Its version is in ETag. */
  readonly hasTag?: true
}

/** What can't be told from the routes. */
export interface Description {
  /** As Cloudsmith names it, where it has the operation. */
  readonly id: string
  readonly tag: keyof typeof TAGS
  /** A sentence without its dot. */
  readonly summary: string
  readonly more?: string
  /** By the names that parameters.ts calls them by. */
  readonly query?: readonly string[]
  /** Name of a component. */
  readonly body?: string
  /** The body may be CSV or JSON lines, too. */
  readonly takesRows?: true
  readonly reply: Reply
}

export const NOTHING: Reply = { status: 204, form: 'nothing' }

export function object(schema: string, status = 200): Reply {
  return { status, form: 'object', schema }
}

/** The same, with its version. */
export function tagged(schema: string, status = 200): Reply {
  return { ...object(schema, status), hasTag: true }
}

export function page(schema: string): Reply {
  return { status: 200, form: 'page', schema }
}

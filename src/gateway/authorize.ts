import {
  decide,
  decideAcceptance,
  decideDiscovery,
  decideLogin,
  decidePage,
  decidePublic,
  type Permission,
} from '../policy/decide.ts'
import { refuse, type Refusal } from '../policy/refusal.ts'
import type { Artifact, Token } from '../policy/types.ts'
import type { ReadClientAddress } from '../request/client-address.ts'
import { readCredential } from '../request/credential.ts'
import { findPageView, type Asker, type PageView } from '../request/page-view.ts'
import { findSetupPage, pageArtifact, type SetupPage } from '../request/setup-page.ts'
import { parseTarget, type Target } from '../request/target.ts'
import type { TokenCache } from '../store/token-cache.ts'
import { enteredBy } from './entered-by.ts'
import { ACCEPTANCE_PATH } from './eula/terms.ts'
import type { Routes, Served } from './routes.ts'

/** A request as it came from the wire, before anything is believed. */
export interface IncomingRequest extends Asker {
  readonly method: string
  /** The raw request target of the request line. */
  readonly target: string
  readonly host: string | undefined
  /** Node's flat list of names and values. */
  readonly rawHeaders: readonly string[]
  /** Address of the other end of the connection. */
  readonly peer: string
  /** X-Forwarded-For, several lines joined by commas. */
  readonly forwardedFor: string | undefined
}

/** The steps in their order; `Judgement.step` names the one that decided. */
export type Step = 'target' | 'method' | 'credential' | 'token' | 'decide'

/** What was found out about a request, as far as it got. */
export interface Judgement {
  readonly verdict: Permission | Refusal
  readonly step: Step
  /** Folded address. */
  readonly client: string
  /** Full address. */
  readonly address: string
  readonly target: Target | undefined
  /** undefined: the target could not be read, or no such repository is served. */
  readonly served: Served | undefined
  readonly artifact: Artifact | undefined
  /** The page about the repository is wanted, in this form. It is shown where the verdict allows it and `isShown`. */
  readonly view: PageView | undefined
  /** The EULA of the repository is to be accepted. */
  readonly isAccepting: boolean
  /** What the gate itself answers in place of the storage; undefined: nothing. */
  readonly page: SetupPage | undefined
  /** By which the token was found; undefined without one. To be shown to nobody but the client. */
  readonly secret: string | undefined
  /** undefined: none was needed, or it is not known. */
  readonly token: Token | undefined
}

export interface AuthorizeOptions {
  readonly tokens: TokenCache
  readonly clientAddress: ReadClientAddress
  /** Epoch ms. */
  readonly clock: () => number
}

/**
 * The way of a request from its raw bytes to a verdict. The same function serves downloads, explanations and decision-only
 * endpoints. Without a promise when the token is cached. Rejects with a StoreError when it can't be looked up.
 */
export function authorize(
  request: IncomingRequest,
  routes: Routes,
  { tokens, clientAddress, clock }: AuthorizeOptions,
): Judgement | Promise<Judgement> {
  const { folded: client, full: address } = clientAddress(request.peer, request.forwardedFor)
  const target = hasTwoHosts(request.rawHeaders)
    ? refuse('request_malformed', { why: 'it has more than one Host header' })
    : parseTarget(request.target, request.host, routes.targetRules)
  const from = { client, address }
  const unread = {
    ...from,
    target: undefined,
    served: undefined,
    artifact: undefined,
    view: undefined,
    isAccepting: false,
    page: undefined,
    secret: undefined,
    token: undefined,
  }
  if ('ok' in target) return { ...unread, step: 'target', verdict: target }
  const read = { ...from, ...look(target, request, routes), secret: undefined, token: undefined }
  const { served, isAccepting } = read
  const judged = (step: Step, verdict: Permission | Refusal): Judgement => ({ ...read, step, verdict })
  if (!isAccepting && request.method !== 'GET' && request.method !== 'HEAD') {
    return judged('method', refuse('method_not_allowed'))
  }
  if (target.isDiscovery) {
    return judged('decide', decideDiscovery(served?.rules.discovery !== undefined))
  }
  // Clients have one login for all of a host: where none is needed, any will do.
  const isOpen = target.entrance === 'v2' && served?.repository.public === true
  const secret = readCredential(target, request.rawHeaders, isOpen)
  if (typeof secret === 'object') return judged('credential', secret)
  if (secret === undefined)
    return { ...read, step: 'decide', verdict: insideGate(decidePublic(served?.repository), read) }
  const judge = (found: readonly Token[]): Judgement => {
    const now = clock()
    const token = choose(found, target, now)
    if (token === undefined) return judged('token', refuse('token_unknown'))
    const verdict = tellWhere(judgeToken(token, read, now), target, request, routes)
    return { ...read, secret, token, step: 'decide', verdict: insideGate(verdict, read) }
  }
  const found = mayRecall(target, served, routes) ? tokens.findOrRecall(secret) : tokens.find(secret)
  return found instanceof Promise ? found.then(judge) : judge(found)
}

/** What is wanted, and of which repository: a file, or something that the gate itself has. */
function look(
  target: Target,
  request: IncomingRequest,
  routes: Routes,
): Pick<Judgement, 'served' | 'artifact' | 'view' | 'isAccepting' | 'page'> & { readonly target: Target } {
  const view = findPageView(target, request)
  const isAccepting = request.method === 'POST' && isAcceptance(target)
  const served = findServed(target, view, isAccepting, routes)
  const page = served && findSetupPage(served.repository.format, target.path)
  const isOwn = target.isGreeting || target.isDiscovery === true || isAccepting || isShown({ view, served })
  const artifact = isOwn ? undefined : seen(served, page, target.path)
  return { target, served, artifact, view, isAccepting, page }
}

/** Only where a secret comes along: what is public, nobody has to accept. */
function isAcceptance({ entrance, path }: Target): boolean {
  return path === ACCEPTANCE_PATH && (entrance === 'path' || entrance === 'basic')
}

/** A customer who has to accept something is told where; the secret, if it is in the URL, is left out. */
function tellWhere(
  verdict: Permission | Refusal,
  target: Target,
  { host }: IncomingRequest,
  { baseUrl }: Routes,
): Permission | Refusal {
  if (verdict.ok || verdict.code !== 'eula_not_accepted') return verdict
  return refuse(verdict.code, { ...verdict.facts, url: baseUrl(enteredBy(target, 'basic'), host) })
}

/** Whether the answer is the page about the repository, if there is to be one. */
export function isShown({ view, served }: Pick<Judgement, 'view' | 'served'>): boolean {
  return view !== undefined && (served === undefined || served.about.isShown)
}

function judgeToken(
  token: Token,
  {
    target,
    served,
    artifact,
    address,
    view,
    isAccepting,
  }: Omit<Judgement, 'verdict' | 'step' | 'token' | 'target'> & { readonly target: Target },
  now: number,
): Permission | Refusal {
  if (target.isGreeting) return decideLogin(token, address, now)
  const { owner, repo } = target
  const eula = served?.terms
  if (isAccepting) return decideAcceptance(token, { owner, repo, address, eula }, now)
  return isShown({ view, served })
    ? decidePage(token, { owner, repo, isServed: served !== undefined, address }, now)
    : decide(token, { owner, repo, artifact, eula, address }, now)
}

/** What is at a path: a page of the gate, or a file of the storage. */
function seen(served: Served | undefined, page: SetupPage | undefined, path: string): Artifact | undefined {
  return page === undefined ? served?.recognize(path) : pageArtifact(page, path)
}

/** Registries are reached by their own entrance, and by no other; but for the page about them. */
function findServed(
  { entrance, owner, repo }: Target,
  view: PageView | undefined,
  isAccepting: boolean,
  { repositories }: Routes,
): Served | undefined {
  const served = repositories.get(`${owner}/${repo}`)
  if (isAccepting || (view !== undefined && served?.about.isShown === true)) return served
  return served?.rules.isRegistry === (entrance === 'v2') ? served : undefined
}

/** Whether a token that is remembered will do while the store is away. Who greets may want any of the registries. */
function mayRecall({ isGreeting }: Target, served: Served | undefined, { repositories }: Routes): boolean {
  if (!isGreeting) return served?.servesCached === true
  return repositories.values().some(({ rules, servesCached }) => rules.isRegistry && servesCached)
}

/** Node keeps the first; a proxy in front may have meant the other (RFC 9112 §3.2). */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === 'host') hosts++
  }
  return hosts > 1
}

/** What would send clients to the storage itself is served to nobody, nor is what can't be adapted to them. */
function insideGate(
  verdict: Permission | Refusal,
  { served, artifact }: Pick<Judgement, 'served' | 'artifact'>,
): Permission | Refusal {
  if (!verdict.ok || artifact === undefined || served === undefined) return verdict
  if (served.rules.leavesGate(artifact)) return refuse('leads_around_gate')
  return served.rules.isHidden(artifact) ? refuse('not_found') : verdict
}

/**
 * One secret may be that of a token in each of several repositories; never are their rights joined. A token whose previous secret it was
 * is one of them as long as that secret works.
 */
function choose(found: readonly Token[], { owner, repo }: Target, now: number): Token | undefined {
  const tokens = found.filter(({ secret }) => secret.validUntil === null || now < secret.validUntil)
  if (tokens.length <= 1) return tokens[0]
  const own = tokens.find(({ record }) => record.owner === owner && record.repo === repo)
  return own ?? tokens.find((token) => token.coversRepository(owner, repo)) ?? tokens[0]
}

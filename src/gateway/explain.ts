import type { Opened } from '../deliver/contract.ts'
import { REFUSALS } from '../http/refusals.ts'
import { refusalResponse } from '../http/refusal-response.ts'
import type { Permission } from '../policy/decide.ts'
import { homeOf } from '../policy/owner-level.ts'
import { refuse, type Refusal } from '../policy/refusal.ts'
import type { Artifact, Token } from '../policy/types.ts'
import type { Target } from '../request/target.ts'
import type { Reservation, UsageStore } from '../store/contract.ts'
import { counted } from '../text/counted.ts'
import { answerForm, canBeChallenged } from './answer-form.ts'
import {
  authorize,
  isShown,
  type AuthorizeOptions,
  type IncomingRequest,
  type Judgement,
  type Step,
} from './authorize.ts'
import { createChargeRequest, kindOf } from './charge-request.ts'
import { exhausted } from './exhausted.ts'
import { openOrder } from './open.ts'
import { includesAllVersions, includesOf } from './order.ts'
import { judgePublication } from './published.ts'
import { refine } from './registry.ts'
import type { Routes } from './routes.ts'

/** What one step of a request's way found. */
interface ExplainedStep {
  readonly step: Step | 'client' | 'artifact' | 'storage' | 'published' | 'limits'
  readonly ok: boolean
  /** A sentence. Never holds the secret. */
  readonly result: string
}

/** A request to be explained. */
export interface ExplainedRequest extends IncomingRequest {
  /** As if it came at this time, epoch ms, with what is used by now; undefined: now. */
  readonly at?: number | undefined
}

/** The way of a request, as far as it would get, and the answer that the client would be given. */
export interface Explanation {
  readonly allowed: boolean
  /** That the request was judged by. null: none was found, or none was needed. */
  readonly token: {
    readonly slug_perm: string
    readonly name: string
    readonly owner: string
    /** `owner/repo`. null: it belongs to the owner. */
    readonly repository: string | null
  } | null
  readonly steps: readonly ExplainedStep[]
  readonly answer: {
    readonly status: number
    readonly code?: string
    readonly title?: string
    readonly detail?: string
  }
}

export interface ExplainOptions extends AuthorizeOptions {
  readonly routes: () => Routes
  readonly usage: UsageStore
}

/**
 * Explains a request with the code that serves requests, up to the first byte of the body: it is judged, the storage is asked with HEAD,
 * and the charge is tried without being made. Changes nothing.
 */
export function createExplain(given: ExplainOptions): (request: ExplainedRequest) => Promise<Explanation> {
  return async ({ at, ...request }) => {
    const options = at === undefined ? given : { ...given, clock: () => at }
    const routes = options.routes()
    const judgement = await authorize(request, routes, options)
    const steps = explainJudgement(request, judgement)
    if (!judgement.verdict.ok) return conclude(steps, request, judgement, judgement.verdict)
    const token = identityOf(judgement)
    if (isAnsweredHere(judgement)) return { allowed: true, token, steps, answer: { status: 200 } }
    const opened = await askStorage(judgement, routes)
    steps.push(explainStorage(opened))
    if (!opened.ok) return conclude(steps, request, judgement, opened)
    const refined = refine(judgement, opened)
    const tooLate = explainPublication(refined, opened, steps)
    if (tooLate !== undefined) return conclude(steps, request, judgement, tooLate)
    const limits = await tryCharge(options, refined, opened)
    steps.push(limits.step)
    if (limits.refusal !== undefined) return conclude(steps, request, judgement, limits.refusal)
    return { allowed: true, token, steps, answer: { status: opened.status } }
  }
}

function conclude(
  steps: readonly ExplainedStep[],
  { target }: IncomingRequest,
  judgement: Judgement,
  refusal: Refusal,
): Explanation {
  const { status } = refusalResponse(refusal, {
    challenge: canBeChallenged(judgement),
    form: answerForm(judgement, target, undefined),
    accept: undefined,
    close: false,
  })
  const { title, detail } = REFUSALS[refusal.code]
  return {
    allowed: false,
    token: identityOf(judgement),
    steps,
    answer: { status, code: refusal.code, title, detail: detail(refusal.facts) },
  }
}

function identityOf({ token }: Judgement): Explanation['token'] {
  if (token === undefined) return null
  const { slugPerm, name, owner } = token.record
  return { slug_perm: slugPerm, name, owner, repository: homeOf(token.record) }
}

/** No file is asked for, and the storage has no part in it. */
function isAnsweredHere(judgement: Judgement): boolean {
  const { target } = judgement
  return (
    target?.isGreeting === true || target?.isDiscovery === true || judgement.isAccepting || isShown(judgement)
  )
}

/** Steps that were passed, and the one that refused, in the order of the request's way. */
function explainJudgement({ method }: IncomingRequest, judgement: Judgement): ExplainedStep[] {
  const { target, client, address, artifact, token, verdict, step } = judgement
  if (target === undefined) return [failed('target', verdict)]
  const steps: ExplainedStep[] = [passed('target', describeTarget(judgement))]
  steps.push(passed('client', client === address ? `counts as ${client}` : `${address}, counts as ${client}`))
  if (!isAnsweredHere(judgement)) steps.push(explainArtifact(artifact))
  if (step === 'method') return [...steps, failed('method', verdict)]
  steps.push(passed('method', method))
  if (step === 'credential') return [...steps, failed('credential', verdict)]
  steps.push(passed('credential', CREDENTIALS[target.entrance]))
  if (step === 'token') return [...steps, failed('token', verdict)]
  if (token !== undefined) steps.push(passed('token', describeToken(token)))
  return [...steps, verdict.ok ? passed('decide', CHARGES[verdict.charge]) : failed('decide', verdict)]
}

function explainArtifact(artifact: Artifact | undefined): ExplainedStep {
  return artifact === undefined
    ? { step: 'artifact', ok: false, result: 'no such repository is served here' }
    : passed('artifact', describeArtifact(artifact))
}

const CREDENTIALS: Readonly<Record<Target['entrance'], string>> = {
  path: 'the secret is in the path',
  basic: 'the secret is in a header',
  public: 'none is needed at /public/',
  v2: 'the secret is in a header, unless the repository is public',
}
const CHARGES: Readonly<Record<Permission['charge'], string>> = {
  download: 'covered; it costs a download',
  free: 'covered; it is free',
}

function describeTarget({ target, served }: Judgement): string {
  if (target?.isGreeting === true) return 'asks whether this is a registry of images'
  if (target?.isDiscovery === true) return `asks which services ${target.owner}/${target.repo} has`
  const place = `${target?.owner}/${target?.repo}`
  return served === undefined ? place : `${place} (${served.repository.format}), path "${target?.path}"`
}

function describeArtifact({ kind, name, version, arch }: Artifact): string {
  const parts = [name, version, arch].filter((part) => part !== undefined)
  return parts.length === 0 ? kind : `${kind}: ${parts.join(' ')}`
}

function describeToken({ record, secret }: Token): string {
  const found = `${record.slugPerm} "${record.name}" of ${record.owner}/${record.repo}`
  return secret.validUntil === null
    ? found
    : `${found}, by its previous secret, which works until ${new Date(secret.validUntil).toISOString()}`
}

async function askStorage(judgement: Judgement, { baseUrl }: Routes): Promise<Opened | Refusal> {
  const { served, artifact, target } = judgement
  if (served === undefined || artifact === undefined || target === undefined) {
    return Promise.resolve(refuse('not_found'))
  }
  const base = baseUrl(target, undefined)
  const includes = includesOf(judgement)
  const onGone = (): void => undefined
  const order = { method: 'HEAD', artifact, query: '', headers: {}, baseUrl: base, includes, onGone } as const
  return openOrder(judgement, served, {
    ...order,
    openUrl: () => base,
    includesAllVersions: () => includesAllVersions(judgement),
    mayBeSentTo: () => false,
  })
}

function explainStorage(opened: Opened | Refusal): ExplainedStep {
  if (!opened.ok) return failed('storage', opened)
  const { size } = opened.extent
  const found = opened.found === undefined ? '' : `; it is taken for: ${opened.found.kind}`
  const bytes = size === null ? 'size unknown' : counted(size, 'byte')
  return passed('storage', `answers ${opened.status}, ${bytes}${found}`)
}

function explainPublication(
  { token, verdict }: Judgement,
  opened: Opened,
  steps: ExplainedStep[],
): Refusal | undefined {
  if (token === undefined || token.record.publishedUntil === null || !verdict.ok) return undefined
  const tooLate = judgePublication(token, verdict, opened)
  const passing = verdict.charge === 'free' ? 'an index is included whatever its date' : 'published in time'
  steps.push(tooLate === undefined ? passed('published', passing) : failed('published', tooLate))
  return tooLate
}

async function tryCharge(
  { usage, clock }: ExplainOptions,
  { token, artifact, target, client, verdict }: Judgement,
  { status, extent }: Opened,
): Promise<{ step: ExplainedStep; refusal?: Refusal }> {
  if (token === undefined || artifact === undefined || target === undefined || !verdict.ok) {
    return { step: passed('limits', 'nothing is charged') }
  }
  const { owner, repo } = target
  const kind = kindOf(verdict, status === 200)
  const request = createChargeRequest(
    { token, owner, repo, artifact, client, kind, extent, isReady: false },
    clock(),
  )
  if (request === undefined) return { step: passed('limits', 'no limit has to do with it') }
  const answer = await usage.reserve({ ...request, dryRun: true })
  if (!answer.granted) {
    const refusal = exhausted(answer, token)
    return { step: failed('limits', refusal), refusal }
  }
  return { step: passed('limits', describeUsage(token, answer, kind === 'download')) }
}

function describeUsage({ limits }: Token, answer: Reservation, isDownload: boolean): string {
  const { charged, downloads, clients, bytes } = answer
  const cost = charged === 0 ? 'an open download covers it' : `this would be download ${downloads}`
  const parts = [
    ...(isDownload ? [`${cost} (${most(limits.limitDownloads)})`] : []),
    ...(isDownload ? [`clients: ${clients} (${most(limits.limitClients)})`] : []),
    ...(limits.limitBytes === null ? [] : [`bytes: ${bytes} (${most(limits.limitBytes)})`]),
    ...(limits.limitRate === null ? [] : [`at most ${counted(limits.limitRate, 'request')} a second`]),
    ...(isDownload && limits.limitConcurrency !== null
      ? [`at most ${counted(limits.limitConcurrency, 'download')} at once`]
      : []),
  ]
  return parts.join('; ')
}

function most(limit: number | null): string {
  return limit === null ? 'no limit' : `of ${limit}`
}

function passed(step: ExplainedStep['step'], result: string): ExplainedStep {
  return { step, ok: true, result }
}

function failed(step: ExplainedStep['step'], verdict: Judgement['verdict']): ExplainedStep {
  if (verdict.ok) return { step, ok: true, result: '' }
  const { title, detail } = REFUSALS[verdict.code]
  return { step, ok: false, result: `${title}. ${detail(verdict.facts)}` }
}

import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { EulaAcceptance, Token } from '../../policy/types.ts'
import { StoreError, type StoredToken, type TokenStore } from '../../store/contract.ts'
import type { ChangeNote } from '../../store/contract/audit.ts'
import type { Judgement } from '../authorize.ts'
import type { RequestHead } from '../exchange.ts'
import type { Served } from '../routes.ts'
import type { Nonces } from './nonce.ts'
import { readForm } from './read-form.ts'

export interface AcceptOptions {
  readonly tokens: Pick<TokenStore, 'read' | 'update'>
  readonly nonces: Nonces
  /** A new ULID. */
  readonly newId: () => string
  /** Epoch ms. */
  readonly clock: () => number
}

/** Who accepts what. */
export interface Accepting extends Judgement {
  readonly served: Served
  readonly token: Token
}

const STALE = 'its form is out of date, or comes from another page; open the page of the repository again'
const NO_REVISION = 'it does not say revision=NUMBER'
const OTHER_REVISION = 'it accepts another revision than the one in force'
const MOST_ATTEMPTS = 5
const LONGEST_USER_AGENT = 200

/**
 * Records that the EULA of a repository is accepted, with an entry in the audit log in the same step. Whoever accepts what is accepted already
 * changes nothing. Rejects with a StoreError.
 */
export async function acceptEula(
  options: AcceptOptions,
  request: RequestHead,
  accepting: Accepting,
): Promise<EulaAcceptance | Refusal> {
  const form = await readForm(request)
  if ('code' in form) return form
  const { token, served } = accepting
  const place = `${served.repository.owner}/${served.repository.repo}`
  const revision = Number(form.get('revision') ?? Number.NaN)
  if (!Number.isSafeInteger(revision)) return refuse('request_malformed', { why: NO_REVISION })
  if (revision !== served.terms?.revision) return refuse('request_malformed', { why: OTHER_REVISION })
  const written = { token: token.record.slugPerm, place, revision }
  const now = options.clock()
  if (isFromBrowser(request) && !options.nonces.isFresh(form.get('nonce') ?? '', written, now))
    return refuse('request_malformed', { why: STALE })
  return record(options, accepting, place, { revision, at: now, address: accepting.address }, request)
}

/** Every browser sends one of these with a POST (Fetch, §3.2; Fetch Metadata), whatever the site that made it do so; scripts do not. */
function isFromBrowser({ headers }: RequestHead): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
}

/** Once more when something else of the token was changed in between. */
async function record(
  { tokens, newId }: AcceptOptions,
  { token: { record: known } }: Accepting,
  place: string,
  acceptance: EulaAcceptance,
  { headers }: RequestHead,
): Promise<EulaAcceptance | Refusal> {
  const { owner, repo, slugPerm, name } = known
  const note: ChangeNote = {
    id: newId(),
    at: acceptance.at,
    event: 'repo.entitlement.eula_accepted',
    actor: { kind: 'customer', id: slugPerm, name, address: acceptance.address },
    userAgent: headers['user-agent']?.slice(0, LONGEST_USER_AGENT) ?? null,
  }
  for (let attempt = 1; ; attempt++) {
    const stored = await tokens.read(owner, repo, slugPerm)
    if (stored === undefined) return refuse('token_unknown')
    const before = stored.eulaAccepted[place]
    if (before !== undefined && before.revision >= acceptance.revision) return before
    const eulaAccepted = { ...stored.eulaAccepted, [place]: acceptance }
    const change = { eulaAccepted, updatedAt: acceptance.at, updatedBy: 'customer' }
    try {
      await tokens.update(owner, repo, slugPerm, change, note, (token) => isAsIt(token, stored))
      return acceptance
    } catch (error) {
      const isOvertaken = error instanceof StoreError && error.code === 'unexpected'
      if (!isOvertaken || attempt === MOST_ATTEMPTS) throw error
    }
  }
}

function isAsIt(token: StoredToken, known: StoredToken): boolean {
  return JSON.stringify(token.eulaAccepted) === JSON.stringify(known.eulaAccepted)
}

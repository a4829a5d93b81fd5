import type { RefusalCode, RefusalFacts } from '../policy/refusal.ts'
import { counted } from '../text/counted.ts'

/** What a refusal looks like from outside. */
export interface RefusalRow {
  readonly status: number
  /** Short; also the reason phrase, which apt, npm, pip and Maven print. Printable ASCII. */
  readonly title: string
  /** What happened and what to do about it, for the person in front of the client. */
  readonly detail: (facts: RefusalFacts) => string
  /** Seconds for Retry-After where the refusal does not say better; only where trying again can help. */
  readonly retryAfter?: number
  /** Retry-After goes out where the refusal says when, and only there: not every failure of this kind passes by itself. */
  readonly mayPass?: true
}

const ASK = 'Ask your vendor.'

/**
 * The one table of refusals. Its order is the order of the documentation. 429 and 503 make clients try again, so they are
 * kept for what passes by itself; a used-up token is a 403.
 */
export const REFUSALS: Readonly<Record<RefusalCode, RefusalRow>> = {
  path_ambiguous: {
    status: 400,
    title: 'Ambiguous path',
    detail: ({ why }) => `The path can be read in two ways: it has ${why ?? 'an odd segment'}.`,
  },
  request_malformed: {
    status: 400,
    title: 'Malformed request',
    detail: ({ why }) => `The request can't be answered: ${why ?? 'it is malformed'}.`,
  },
  head_too_large: {
    status: 431,
    title: 'Request head too large',
    detail: ({ why, limit }) =>
      `The request can't be answered: ${why ?? 'its head is too large'}${limit === undefined ? '' : ` (the limit is ${limit})`}.`,
  },
  request_too_slow: {
    status: 408,
    title: 'Request too slow',
    detail: () => 'The request did not come in time. Send it at once, on a new connection.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Read only',
    detail: () => 'Packages can be read here with GET and HEAD, nothing else.',
  },
  credential_missing: {
    status: 401,
    title: 'Token required',
    detail: () => 'Send your entitlement token: user name "token", the token as password.',
  },
  credential_ambiguous: {
    status: 400,
    title: 'Two credentials',
    detail: () => 'The request has more than one Authorization or X-Api-Key header. Send one.',
  },
  token_unknown: {
    status: 403,
    title: 'Unknown token',
    detail: () => `The entitlement token is not known: mistyped, replaced or deleted. ${ASK}`,
  },
  token_disabled: {
    status: 403,
    title: 'Token disabled',
    detail: () => `The entitlement token is disabled. ${ASK}`,
  },
  token_not_yet_valid: {
    status: 403,
    title: 'Token not yet valid',
    detail: ({ at }) => `The entitlement token is valid from ${instant(at) ?? 'a later time'}.`,
  },
  token_expired: {
    status: 403,
    title: 'Token expired',
    detail: ({ at }) =>
      `The entitlement token expired at ${instant(at) ?? 'an earlier time'}. Ask your vendor to renew it.`,
  },
  network_not_allowed: {
    status: 403,
    title: 'Address not allowed',
    detail: () => `The entitlement token does not work from your network address. ${ASK}`,
  },
  repository_not_covered: {
    status: 403,
    title: 'Repository not covered by token',
    detail: () => `The entitlement token does not cover this repository. ${ASK}`,
  },
  eula_not_accepted: {
    status: 403,
    title: 'EULA not accepted',
    detail: ({ revision, url }) =>
      `Revision ${revision ?? 'in force'} of the license agreement of this repository has to be accepted first: ${url ?? 'on the page of the repository'}`,
  },
  package_not_covered: {
    status: 403,
    title: 'Package not covered by token',
    detail: () => `The entitlement token does not cover this file. ${ASK}`,
  },
  published_too_late: {
    status: 403,
    title: 'Published too late for token',
    detail: ({ at }) =>
      `The entitlement token includes what was published until ${instant(at) ?? 'an earlier time'}; this file is newer, or not dated. ${ASK}`,
  },
  leads_around_gate: {
    status: 403,
    title: 'Mirror lists are not served',
    detail: () =>
      'The file names other servers, which know nothing of entitlement tokens. Use baseurl in place of mirrorlist or metalink.',
  },
  downloads_used_up: {
    status: 403,
    title: 'Downloads used up',
    detail: ({ used, limit }) =>
      `All downloads of the entitlement token are used up${counts(used, limit)}. ${ASK}`,
  },
  clients_used_up: {
    status: 403,
    title: 'Clients used up',
    detail: ({ used, limit }) =>
      `The entitlement token is in use at as many client addresses as it allows${counts(used, limit)}. ${ASK}`,
  },
  bandwidth_used_up: {
    status: 403,
    title: 'Bandwidth used up',
    detail: ({ used, limit }) =>
      `The file is larger than the bandwidth that the entitlement token has left${counts(used, limit, ' bytes used')}. ${ASK}`,
  },
  rate_exceeded: {
    status: 429,
    title: 'Too many requests',
    detail: ({ limit }) =>
      `The entitlement token allows ${limit === undefined ? 'fewer requests' : counted(limit, 'request')} a second. Wait a moment, and ask for less at once.`,
    retryAfter: 1,
  },
  concurrency_exceeded: {
    status: 429,
    title: 'Too many downloads at once',
    detail: ({ used, limit }) =>
      `The entitlement token allows fewer downloads at the same time${counts(used, limit)}. Wait for one to end.`,
    retryAfter: 2,
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: () => 'There is no such file here.',
  },
  setup_missing: {
    status: 404,
    title: 'No set-up',
    detail: ({ why }) =>
      `The machine can't be set up: ${why ?? 'the repository has nothing for this system'}. ${ASK}`,
  },
  upstream_failed: {
    status: 502,
    title: 'Storage failed',
    detail: () =>
      'The storage behind this repository failed to answer. Nothing was charged. Try again later.',
    mayPass: true,
  },
  upstream_timeout: {
    status: 504,
    title: 'Storage timed out',
    detail: () =>
      'The storage behind this repository did not answer in time. Nothing was charged. Try again later.',
  },
  store_unavailable: {
    status: 503,
    title: 'Entitlements unavailable',
    detail: () =>
      "The entitlement token can't be checked at the moment. Nothing was charged. Try again soon.",
    retryAfter: 5,
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    detail: () => 'The gate failed. Nothing was charged. The log has the reason.',
  },
}

function counts(used: number | undefined, limit: number | undefined, unit = ''): string {
  return used === undefined || limit === undefined ? '' : ` (${used} of ${limit}${unit})`
}

/** Beyond the range of dates, `toISOString` would throw. */
function instant(at: number | undefined): string | undefined {
  const date = new Date(at ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('.000Z', 'Z')
}

/** Why a request is not answered with the artifact. Codes are stable: they stand in logs, metrics and answers. */
export type RefusalCode =
  | 'path_ambiguous'
  | 'request_malformed'
  | 'head_too_large'
  | 'request_too_slow'
  | 'method_not_allowed'
  | 'credential_missing'
  | 'credential_ambiguous'
  | 'token_unknown'
  | 'token_disabled'
  | 'token_not_yet_valid'
  | 'token_expired'
  | 'network_not_allowed'
  | 'repository_not_covered'
  | 'eula_not_accepted'
  | 'package_not_covered'
  | 'published_too_late'
  | 'leads_around_gate'
  | 'downloads_used_up'
  | 'clients_used_up'
  | 'bandwidth_used_up'
  | 'rate_exceeded'
  | 'concurrency_exceeded'
  | 'not_found'
  | 'setup_missing'
  | 'upstream_failed'
  | 'upstream_timeout'
  | 'store_unavailable'
  | 'internal_error'

/** Numbers and instants that make a refusal concrete. Never a secret, never a name the customer did not send. */
export interface RefusalFacts {
  /** Epoch ms. */
  readonly at?: number
  readonly used?: number
  readonly limit?: number
  /** Of a EULA that is to be accepted. */
  readonly revision?: number
  /** Where the customer can do something about it. Without the secret. */
  readonly url?: string
  /** Seconds after which trying again can help. */
  readonly retryAfter?: number
  /** What exactly was wrong with a malformed request, or what is not there. A constant, never the request's own bytes. */
  readonly why?: string
  /** Of what a registry of images has not. */
  readonly missing?: 'manifest' | 'blob'
}

/** An answer that is not the artifact. A value: it is returned, never thrown. */
export interface Refusal {
  readonly ok: false
  readonly code: RefusalCode
  readonly facts: RefusalFacts
}

const NO_FACTS: RefusalFacts = {}

/** How an answer that is not the artifact has to look for the clients of a format. */
export interface AnswerForm {
  /**
   * `problem`: a problem document (RFC 9457), or text for whoever asks for text. `json`: the same document under the plain name of JSON.
   * `text`: always one line of plain text. `shell`: a script that prints the reason and fails. `oci`: the `errors` of the OCI distribution
   * specification and nothing else.
   */
  readonly body: 'problem' | 'json' | 'text' | 'shell' | 'oci'
  /** What `WWW-Authenticate` says where credentials can still be offered; Latin-1, without a line break. */
  readonly challenge: string
  /** The challenge also says why in this parameter, and comes with a 403 too: pub prints it, and nothing else. */
  readonly explainsIn?: string
  /** A header, in lower case, that the clients print whatever the answer is. */
  readonly notice?: string
  /** A header that every refusal has: name in lower case, value. */
  readonly header?: readonly [name: string, value: string]
}

/** What the clients of most formats understand. */
export const COMMON_FORM: AnswerForm = {
  body: 'problem',
  challenge: 'Basic realm="Postern", charset="UTF-8"',
}

/** By this header, clients of registries of images know one. */
export const REGISTRY_HEADER = ['docker-distribution-api-version', 'registry/2.0'] as const

/** What clients of registries of images understand: they print the message of the first error. */
export const REGISTRY_FORM: AnswerForm = { ...COMMON_FORM, body: 'oci', header: REGISTRY_HEADER }

/** Makes a refusal. */
export function refuse(code: RefusalCode, facts: RefusalFacts = NO_FACTS): Refusal {
  return { ok: false, code, facts }
}

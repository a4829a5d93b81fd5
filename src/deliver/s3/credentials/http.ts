/** From the question to the end of the answer. */
const PATIENCE_MS = 5_000
const MOST_CHARACTERS = 64 * 1024

export interface CredentialRequest {
  /** Who is asked, for the operator: "the instance metadata service". */
  readonly name: string
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What was answered. */
export interface CredentialAnswer {
  readonly status: number
  readonly text: string
}

/**
 * Asks whoever gives credentials. Redirects are not followed: they would take a token along. Rejects when there is no answer; neither the
 * question nor the answer is in the error, for there are secrets in both.
 */
export async function askForCredentials(
  request: CredentialRequest,
  patienceMs: number = PATIENCE_MS,
): Promise<CredentialAnswer> {
  const { name, url, method = 'GET', headers = {}, body } = request
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    })
    const text = await response.text()
    return { status: response.status, text: text.slice(0, MOST_CHARACTERS) }
  } catch (cause) {
    const place = URL.parse(url)?.origin ?? 'an odd URL'
    throw new Error(
      `no credentials for the storage: ${name} at ${place} does not answer; look at s3.credentials`,
      { cause },
    )
  }
}

export function refusedBy({ name }: CredentialRequest, { status }: CredentialAnswer, advice: string): Error {
  return new Error(`no credentials for the storage: ${name} answered ${status}; ${advice}`)
}

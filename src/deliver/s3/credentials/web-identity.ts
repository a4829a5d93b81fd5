import { readToken } from './container.ts'
import type { Credentials, FetchCredentials } from './contract.ts'
import { askForCredentials, refusedBy } from './http.ts'
import { readInstant } from './read-json.ts'

const NAME = 'the token service (STS)'
const VERSION = '2011-06-15'

export interface WebIdentityOptions {
  /** Of the token service. */
  readonly endpoint: string
  readonly roleArn: string
  /** What the session is called in the logs of AWS. */
  readonly sessionName: string
  /** File with the identity token, read anew each time: its content is replaced. */
  readonly tokenFile: string
}

/** Credentials of a role for a token of Kubernetes or another identity provider (AssumeRoleWithWebIdentity). */
export function createWebIdentityCredentials(options: WebIdentityOptions): FetchCredentials {
  const { endpoint, roleArn, sessionName, tokenFile } = options
  return async () => {
    const body = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: VERSION,
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      WebIdentityToken: (await readToken(tokenFile)).trim(),
    }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    const request = { name: NAME, url: endpoint, method: 'POST', headers, body } as const
    const answer = await askForCredentials(request)
    if (answer.status === 200) return readCredentials(answer.text)
    const code = /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(answer.text)?.[1] ?? 'no reason'
    throw refusedBy(request, answer, `${code}: look at the trust policy of the role, and the token`)
  }
}

/** A small document of known elements, none of whose values has to be escaped in XML. */
function readCredentials(text: string): Credentials {
  const read = (element: string): string => {
    const value = new RegExp(`<${element}>\\s*([^<\\s]+)\\s*</${element}>`).exec(text)?.[1]
    if (value !== undefined) return value
    throw new Error(`no credentials for the storage: the answer of ${NAME} has no ${element}`)
  }
  return {
    accessKeyId: read('AccessKeyId'),
    secretAccessKey: read('SecretAccessKey'),
    sessionToken: read('SessionToken'),
    expiresAt: readInstant(read('Expiration'), NAME),
  }
}

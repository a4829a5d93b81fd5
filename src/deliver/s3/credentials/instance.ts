import type { FetchCredentials } from './contract.ts'
import { askForCredentials, refusedBy, type CredentialRequest } from './http.ts'
import { readJsonCredentials } from './read-json.ts'

const NAME = 'the instance metadata service'
const ROLES = '/latest/meta-data/iam/security-credentials/'
/** Of the session; one is opened for each fetch. */
const SESSION_SECONDS = '60'

/**
 * Credentials of the role of an EC2 instance, by IMDSv2 and never by the version before, which anybody on the machine could be made to ask.
 * `endpoint`: without a slash at its end.
 */
export function createInstanceCredentials(endpoint: string): FetchCredentials {
  const ask = async (request: Omit<CredentialRequest, 'name'>, advice: string): Promise<string> => {
    const answer = await askForCredentials({ name: NAME, ...request })
    if (answer.status !== 200) throw refusedBy({ name: NAME, ...request }, answer, advice)
    return answer.text
  }
  return async () => {
    const session = await ask(
      {
        url: `${endpoint}/latest/api/token`,
        method: 'PUT',
        headers: { 'x-aws-ec2-metadata-token-ttl-seconds': SESSION_SECONDS },
      },
      'in a container its hop limit has to be 2',
    )
    const headers = { 'x-aws-ec2-metadata-token': session.trim() }
    const roles = await ask({ url: endpoint + ROLES, headers }, 'give the instance a role')
    const role = roles.split('\n')[0]?.trim() ?? ''
    if (role === '')
      throw new Error(`no credentials for the storage: ${NAME} knows no role; give the instance one`)
    const url = `${endpoint}${ROLES}${encodeURIComponent(role)}`
    return readJsonCredentials(await ask({ url, headers }, 'look at the role of the instance'), NAME)
  }
}

import { bad, good, type Parsed } from './parsed.ts'
import type { Variables } from './substitute.ts'
import type { S3CredentialsConfig } from './types.ts'

export const CREDENTIAL_SOURCES = [
  'auto',
  'keys',
  'environment',
  'web_identity',
  'container',
  'instance',
] as const

/** The group `credentials` as it is written, and the region of the storage. */
export interface GivenCredentials {
  readonly from: (typeof CREDENTIAL_SOURCES)[number]
  readonly access_key_id?: string | undefined
  readonly secret_access_key?: string | undefined
  readonly session_token?: string | undefined
  readonly role_arn?: string | undefined
  readonly token_file?: string | undefined
  readonly sts_endpoint?: string | undefined
}

/** Where the metadata service of EC2 is, on every instance. */
const INSTANCE_ENDPOINT = 'http://169.254.169.254'
const CONTAINER_ENDPOINT = 'http://169.254.170.2'
/** Where a container may fetch credentials without TLS: itself, and the addresses of ECS and EKS. */
const CONTAINER_HOSTS: ReadonlySet<string> = new Set([
  '127.0.0.1',
  'localhost',
  '[::1]',
  '169.254.170.2',
  '169.254.170.23',
  '[fd00:ec2::23]',
])

/**
 * Finds out what requests are signed with: what the file says, else what the variables of AWS's own tools say, in their order: keys, a web
 * identity, a container's role, the role of the instance. The messages never repeat a value.
 */
export function resolveCredentials(
  given: GivenCredentials,
  variables: Variables,
  region: string,
): Parsed<S3CredentialsConfig> {
  const wrong = whyNotWanted(given)
  if (wrong !== undefined) return bad(wrong)
  switch (given.from) {
    case 'keys':
      return fromKeys(given)
    case 'environment':
      return fromEnvironment(variables)
    case 'web_identity':
      return fromWebIdentity(given, variables, region)
    case 'container':
      return fromContainer(variables)
    case 'instance':
      return good({
        kind: 'instance',
        endpoint: trimmed(read(variables, 'AWS_EC2_METADATA_SERVICE_ENDPOINT') ?? INSTANCE_ENDPOINT),
      })
    case 'auto':
      return resolveCredentials({ ...given, from: findSource(given, variables) }, variables, region)
  }
}

function findSource(
  given: GivenCredentials,
  variables: Variables,
): Exclude<GivenCredentials['from'], 'auto'> {
  const has = (name: string): boolean => read(variables, name) !== undefined
  if (given.access_key_id !== undefined || given.secret_access_key !== undefined) return 'keys'
  if (given.role_arn !== undefined || given.token_file !== undefined) return 'web_identity'
  if (has('AWS_ACCESS_KEY_ID') && has('AWS_SECRET_ACCESS_KEY')) return 'environment'
  if (has('AWS_WEB_IDENTITY_TOKEN_FILE') && has('AWS_ROLE_ARN')) return 'web_identity'
  return has('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI') || has('AWS_CONTAINER_CREDENTIALS_FULL_URI')
    ? 'container'
    : 'instance'
}

/** A key that would do nothing is a mistake: somebody believes that it does. */
function whyNotWanted({ from, ...given }: GivenCredentials): string | undefined {
  const isKeys = from === 'keys' || from === 'auto'
  const isRole = from === 'web_identity' || from === 'auto'
  const useless = [
    ...(isKeys ? [] : (['access_key_id', 'secret_access_key', 'session_token'] as const)),
    ...(isRole ? [] : (['role_arn', 'token_file', 'sts_endpoint'] as const)),
  ].filter((name) => given[name] !== undefined)
  return useless.length === 0 ? undefined : `come from ${from}, which has no use for ${useless.join(', ')}`
}

function fromKeys(given: GivenCredentials): Parsed<S3CredentialsConfig> {
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token: token } = given
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return bad('need access_key_id and secret_access_key, both')
  }
  return good({ kind: 'keys', accessKeyId, secretAccessKey, sessionToken: token ?? null })
}

function fromEnvironment(variables: Variables): Parsed<S3CredentialsConfig> {
  const [accessKeyId, secretAccessKey] = [
    read(variables, 'AWS_ACCESS_KEY_ID'),
    read(variables, 'AWS_SECRET_ACCESS_KEY'),
  ]
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return bad('come from the environment, where AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY have to be set')
  }
  const sessionToken = read(variables, 'AWS_SESSION_TOKEN') ?? null
  return good({ kind: 'keys', accessKeyId, secretAccessKey, sessionToken })
}

function fromWebIdentity(
  given: GivenCredentials,
  variables: Variables,
  region: string,
): Parsed<S3CredentialsConfig> {
  const roleArn = given.role_arn ?? read(variables, 'AWS_ROLE_ARN')
  const tokenFile = given.token_file ?? read(variables, 'AWS_WEB_IDENTITY_TOKEN_FILE')
  if (roleArn === undefined || tokenFile === undefined) {
    return bad(
      'need role_arn and token_file, or AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE in the environment',
    )
  }
  const endpoint = given.sts_endpoint ?? read(variables, 'AWS_ENDPOINT_URL_STS') ?? stsOf(region)
  const sessionName = read(variables, 'AWS_ROLE_SESSION_NAME') ?? 'postern'
  return good({ kind: 'web_identity', endpoint, roleArn, tokenFile, sessionName })
}

function fromContainer(variables: Variables): Parsed<S3CredentialsConfig> {
  const relative = read(variables, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI')
  const full = read(variables, 'AWS_CONTAINER_CREDENTIALS_FULL_URI')
  const url = URL.parse(relative === undefined ? (full ?? '') : `${CONTAINER_ENDPOINT}${relative}`)
  if (url === null || !isTrusted(url)) {
    return bad(
      'come from the container, where AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI has to name an https URL or an address of the host',
    )
  }
  return good({
    kind: 'container',
    url: url.href,
    token: read(variables, 'AWS_CONTAINER_AUTHORIZATION_TOKEN') ?? null,
    tokenFile: read(variables, 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE') ?? null,
  })
}

function isTrusted({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && CONTAINER_HOSTS.has(hostname))
}

function stsOf(region: string): string {
  return `https://sts.${region}.${domainOf(region)}/`
}

/** Of AWS's services in a region. */
export function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}

function read(variables: Variables, name: string): string | undefined {
  return variables[name] || undefined
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '')
}

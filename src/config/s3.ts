import { z } from 'zod'
import { parseHttpUrl } from './http-url.ts'
import { bad, good, quote, type Parsed } from './parsed.ts'
import type { Places } from './places.ts'
import { CREDENTIAL_SOURCES, type GivenCredentials } from './s3-credentials.ts'
import { choice, duration, group, text, wrongType } from './schema-parts.ts'

const REGION = /^[a-z0-9][a-z0-9-]{0,62}$/

/** What stands in the group `s3`. */
export interface GivenS3 {
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
  readonly addressing?: 'path' | 'virtual' | undefined
  readonly credentials: GivenCredentials
  readonly public_endpoint?: string | undefined
  readonly link_lifetime: number
}

/** How the storage of an upstream `s3:` is reached. */
export function s3(places: Places): z.ZodPrefault<z.ZodType<GivenS3, object>> {
  return group({
    endpoint: text(parseEndpoint, 'https://minio.example.com:9000')
      .optional()
      .meta({ description: 'Scheme, host and port of the storage. Default: AWS in the region.' }),
    region: text(parseRegion, 'eu-central-1').optional().meta({
      description:
        'Of the bucket. Default: AWS_REGION of the environment; us-east-1 where there is an endpoint.',
    }),
    addressing: choice(['path', 'virtual'], { 'path-style': 'path', 'virtual-host': 'virtual' })
      .optional()
      .meta({
        description:
          'Where the bucket stands: in the path or in the host name. Default: path with an endpoint, else virtual.',
      }),
    credentials: credentials(places),
    public_endpoint: text(parseEndpoint, 'https://storage.example.com')
      .optional()
      .meta({ description: 'Where customers reach the storage, for deliver: redirect. Default: endpoint.' }),
    link_lifetime: duration('60s', 1000, 'How long a link works, for deliver: redirect.'),
  }).prefault({})
}

function credentials(places: Places) {
  const secret = (of: string) =>
    z
      .string({ error: wrongType(`the ${of}, in quotes if it is all digits`) })
      .regex(/^[\x21-\x7e]*$/, 'has a character that no key has; is there a space or a line break in it?')
      .transform((given) => given || undefined)
      .optional()
  return group({
    from: choice(CREDENTIAL_SOURCES, {
      static: 'keys',
      env: 'environment',
      ec2: 'instance',
      imds: 'instance',
      ecs: 'container',
      irsa: 'web_identity',
    })
      .default('auto')
      .meta({ description: 'Where they come from. auto: whatever there is, as AWS’s own tools find them.' }),
    access_key_id: secret('access key id').meta({ description: 'Of keys that were made by hand.' }),
    secret_access_key: secret('secret access key').meta({ description: 'Of keys that were made by hand.' }),
    session_token: secret('session token').meta({ description: 'Of keys that were made by hand.' }),
    role_arn: text(parseArn, 'arn:aws:iam::123456789012:role/postern')
      .optional()
      .meta({ description: 'The role to assume with a web identity.' }),
    token_file: text((given) => resolveToken(given, places), '/var/run/secrets/token')
      .optional()
      .meta({ description: 'File with the token of a web identity.' }),
    sts_endpoint: text(parseSts, 'https://sts.eu-central-1.amazonaws.com')
      .optional()
      .meta({ description: 'URL of the token service. Default: AWS in the region.' }),
  })
    .prefault({})
    .meta({ description: 'What requests are signed with.' })
}

/** An origin without a slash at its end: S3 signs the whole path, so that nothing may stand before the bucket. */
function parseEndpoint(given: string): Parsed<string> {
  const url = parseHttpUrl(given)
  if (!url.ok) return url
  return url.value.pathname === '/'
    ? good(url.value.origin)
    : bad('has a path, which S3 does not allow for; write scheme, host and port')
}

function resolveToken(given: string, places: Places): Parsed<string> {
  return given === '' ? bad('names no file') : good(places.resolve(given))
}

function parseSts(given: string): Parsed<string> {
  const url = parseHttpUrl(given)
  return url.ok ? good(url.value.href) : url
}

function parseRegion(given: string): Parsed<string> {
  return REGION.test(given) ? good(given) : bad(`must be a region like eu-central-1, not ${quote(given)}`)
}

function parseArn(given: string): Parsed<string> {
  return /^arn:[\x21-\x7e]+$/.test(given)
    ? good(given)
    : bad('must be the ARN of a role, like arn:aws:iam::123456789012:role/postern')
}
